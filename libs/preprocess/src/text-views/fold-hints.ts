import { RANGES } from './unicode-tables.js';

/** Folds that may change a text. */
export const HINTS = { spacing: 1, leet: 2, repeats: 4, spaces: 8, otherThanAscii: 16 } as const;

/**
 * Which folds may change a text, found in one pass: most ASCII text needs none, and this is cheaper than the regular
 * expressions that decide. A fold not named here changes nothing. Any other character than Latin letters
 * and common punctuation names all.
 *
 * @param text normalised
 */
export function hintsOf(text: string): number {
  let hints = text.startsWith(' ') || text.endsWith(' ') ? HINTS.spaces : 0;
  let before = 0;
  let kindBefore = OTHER;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > LAST_ASCII) {
      if (code > LAST_OF_LATIN_ALPHABETS && !isDashOrQuote(code)) return ALL;
      hints |= HINTS.otherThanAscii | HINTS.repeats;
    }
    const kind = KINDS[code] ?? OTHER;
    if (kind === LETTER) {
      if (kindBefore === LETTER) {
        if (isSameLetter(code, before)) hints |= hintsAtDouble(text, i);
      } else if (kindBefore === SIGN) hints |= hintsAtSign(text, i);
    } else if (kind === SEPARATOR) {
      if (code === before) hints |= HINTS.spaces;
      else if (text.charCodeAt(i - 2) === code) hints |= hintsAtSeparator(text, i);
    } else if (code === DOLLAR) hints |= HINTS.leet;
    before = code;
    kindBefore = kind;
  }
  return hints;
}

const ALL = 31;
const LAST_ASCII = 0x7f;
const LAST_OF_LATIN_ALPHABETS = 0x24f;
const DOLLAR = 0x24;
/** The bit in which small and capital letters differ. */
const CASE = 0x20;
const OTHER = 0;
const LETTER = 1;
const SIGN = 2;
const SEPARATOR = 3;

const KINDS = Uint8Array.from({ length: LAST_OF_LATIN_ALPHABETS + 1 }, (_, code) => {
  if (RANGES.letters.some(([first, last]) => first <= code && code <= last)) return LETTER;
  const character = String.fromCharCode(code);
  if (/[0-9@$!]/.test(character)) return SIGN;
  return /[ .\-_·*~+|/]/.test(character) ? SEPARATOR : OTHER;
});

const isDashOrQuote = (code: number): boolean => code >= 0x2010 && code <= 0x201f;

const isSameLetter = (code: number, other: number): boolean => ((code ^ other) & ~CASE) === 0;

const kindAt = (text: string, at: number): number => KINDS[text.charCodeAt(at)] ?? OTHER;

/** `aaa`, `4ss` */
function hintsAtDouble(text: string, at: number): number {
  if (isSameLetter(text.charCodeAt(at), text.charCodeAt(at - 2))) return HINTS.repeats;
  return kindAt(text, at - 2) === SIGN ? HINTS.leet : 0;
}

/** `h4t`, `b00b`; letters may make a run then. */
function hintsAtSign(text: string, at: number): number {
  const isDouble = text.charCodeAt(at - 1) === text.charCodeAt(at - 2);
  const isInner = kindAt(text, at - 2) === LETTER || (isDouble && kindAt(text, at - 3) === LETTER);
  return isInner ? HINTS.leet : 0;
}

/** `h-a-t`, but not `oh-a-t`; anything may follow of a joined word. */
function hintsAtSeparator(text: string, at: number): number {
  const isStart = kindAt(text, at - 3) === LETTER && kindAt(text, at - 4) !== LETTER;
  return isStart && kindAt(text, at - 1) !== OTHER
    ? HINTS.spacing | HINTS.leet | HINTS.repeats | HINTS.spaces
    : 0;
}
