import { RANGES, type Range } from './unicode-tables.js';

/** What steps look for; a text without any such character can skip the step. */
export const BITS = { invisible: 1, whiteSpace: 2, late: 4, surrogate: 8, mark: 16, manyMarks: 32 } as const;

/**
 * So many marks may follow one another; the longest of real words have 18.
 *
 * @see https://www.unicode.org/reports/tr15/#Stream_Safe_Text_Format
 */
export const MOST_MARKS = 30;

/**
 * The bits of all characters of a text together: far faster than a regular expression with many ranges. Invisible
 * characters do not part marks, since they will be removed.
 */
export function bitsOf(text: string): number {
  let bits = 0;
  let numMarks = 0;
  for (let i = 0; i < text.length; i++) {
    const code = codeAt(text, i);
    if (code > LAST_OF_ONE_UNIT) i++;
    const own = TABLE[code] ?? 0;
    bits |= own;
    if (own & BITS.mark) numMarks++;
    else if (!(own & BITS.invisible)) numMarks = 0;
    if (numMarks > MOST_MARKS) bits |= BITS.manyMarks;
  }
  return bits;
}

/** Without the marks beyond {@link MOST_MARKS} in a row. */
export function limitMarks(text: string): string {
  let kept = '';
  let numMarks = 0;
  for (const character of text) {
    numMarks = (TABLE[character.codePointAt(0) ?? 0] ?? 0) & BITS.mark ? numMarks + 1 : 0;
    if (numMarks <= MOST_MARKS) kept += character;
  }
  return kept;
}

const HIGH_SURROGATES = 0xd800;
const LOW_SURROGATES = 0xdc00;
const LAST_OF_ONE_UNIT = 0xffff;
/** Letters that NFKC makes marks of: the sound marks of half-width katakana. */
const LETTERS_FOR_MARKS: Range = [0xff9e, 0xff9f];
const TABLE = new Uint8Array(0x110000);

mark(BITS.invisible, RANGES.invisible);
mark(BITS.whiteSpace, RANGES.whiteSpace);
mark(BITS.late, RANGES.late);
mark(BITS.surrogate, [[HIGH_SURROGATES, 0xdfff]]);
mark(BITS.mark, [...RANGES.marks, LETTERS_FOR_MARKS]);

function mark(bit: number, ranges: readonly Range[]): void {
  for (const [first, last] of ranges)
    for (let code = first; code <= last; code++) TABLE[code] = (TABLE[code] ?? 0) | bit;
}

function codeAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= HIGH_SURROGATES && code < LOW_SURROGATES ? (text.codePointAt(at) ?? code) : code;
}
