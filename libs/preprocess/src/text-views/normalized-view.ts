import { BITS, bitsOf, limitMarks } from './character-bits.js';
import { pinnedNfkc } from './pinned-normalization.js';
import { CLASSES } from './unicode-tables.js';

export interface NormalizedText {
  text: string;
  changes: {
    /** Halves of surrogate pairs became U+FFFD. */
    surrogates: boolean;
    /** Characters that no reader sees were removed. */
    invisible: boolean;
    /** White space other than spaces, tabs and line breaks became U+0020. */
    whiteSpace: boolean;
    /** More than 30 marks in a row were cut off. */
    marks: boolean;
    /** NFKC: full-width, mathematical and circled letters, ligatures, accents that stand alone. */
    compatibility: boolean;
  };
}

/**
 * What a reader sees of a text, in Unicode NFKC. Letters keep their case. Each white-space character becomes one space
 * (a CRLF one together); runs stay, since two spaces may part words whose letters are spread.
 *
 * Joiners and variation selectors are removed everywhere: an emoji of several people becomes these people in their
 * order, `❤️` becomes `❤`, the flag of England a black flag. Nothing is left then that could split a word unseen.
 *
 * Of marks in a row 30 stay: the time that Node takes to put them in order grows with the square of their number.
 *
 * @see https://www.unicode.org/reports/tr15/ (NFKC) and https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point
 */
export function normalizeVisible(raw: string): NormalizedText {
  if (!OTHER_THAN_PRINTABLE_ASCII.test(raw)) return { text: raw, changes: NO_CHANGES };
  const bits = bitsOf(raw);
  const wellFormed = bits & BITS.surrogate ? raw.replace(LONE_SURROGATES, '\ufffd') : raw;
  const visible = bits & BITS.invisible ? wellFormed.replace(INVISIBLE, '') : wellFormed;
  const spaced = bits & BITS.whiteSpace ? visible.replace(OTHER_WHITE_SPACE, ' ') : visible;
  const limited = bits & BITS.manyMarks ? limitMarks(spaced) : spaced;
  const nfkc = pinnedNfkc(limited);
  const text = bits & BITS.mark && bitsOf(nfkc) & BITS.manyMarks ? limitMarks(nfkc) : nfkc;
  return {
    text,
    changes: {
      surrogates: wellFormed !== raw,
      invisible: visible !== wellFormed,
      whiteSpace: spaced !== visible && UNUSUAL_WHITE_SPACE.test(visible),
      marks: limited !== spaced || text !== nfkc,
      compatibility: nfkc !== limited,
    },
  };
}

const NO_CHANGES = {
  surrogates: false,
  invisible: false,
  whiteSpace: false,
  marks: false,
  compatibility: false,
};

const OTHER_THAN_PRINTABLE_ASCII = /[^ -~]/;
const LONE_SURROGATES = /[\ud800-\udfff]/gu;
const INVISIBLE = new RegExp(`[${CLASSES.invisible}]+`, 'gu');
const UNUSUAL_WHITE_SPACE = new RegExp(`(?![ \\t\\r\\n])[${CLASSES.whiteSpace}]`, 'u');
const OTHER_WHITE_SPACE = new RegExp(`\\r\\n|(?! )[${CLASSES.whiteSpace}]`, 'gu');
