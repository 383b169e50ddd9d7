import { CLASSES } from './unicode-tables.js';

/**
 * Joins words whose letters are spread: `w e a p o n`, `w.e.a.p.o.n`, `w-e-a-p-o-n`. At least three letters (four in
 * other scripts than Latin, whose languages have more words of one letter) with the same sign between all of them;
 * digits and signs that stand for letters may be among them (`h 4 t e`). Between two spaces on both sides two letters
 * are enough (`i s  i t  n e w`).
 *
 * What is no word stays: Latin letters without a vowel (`S M L`, `L x W x H`), the alphabet (`A B C D`), sizes
 * (`5 x 3 x 2 m`), short words of chats (`r u a`), handles (`@_j_o_e_`), dots between up to four capitals or with one behind (`U.S.A`, `a.k.a.`). Letters before or after a dotted run (`a.b.c.com`) mean
 * that it is a name of a machine, which stays.
 *
 * Between spaces, English one-letter words stay by themselves where that can be told: `I` beside a small letter, and `a`
 * before three letters or more (`a c a n c e r` is `a cancer`; `a n i m a l` becomes `a nimal`, which is rarer).
 *
 * @param text NFC, in its own case
 */
export function foldSpacing(text: string): string {
  if (!LONE_PART.test(text) && !text.includes('  ')) return text;
  const paired = text.replace(PAIR, (pair) => (VOWEL.test(pair) ? pair.replace(' ', '') : pair));
  return paired.replace(SPREAD, (run: string, separator: string, offset: number) => {
    if (separator === '_' && HANDLE.test(paired.slice(Math.max(0, offset - LONGEST_PREFIX), offset)))
      return run;
    if (separator === '.' && isNameOrAbbreviation(paired, offset, run)) return run;
    return separator === ' ' ? joinSpaced(run) : joinLetters(run, separator);
  });
}

const SEPARATOR = '[ .\\-_*·•~+|/]';
const { letters, marks, numbers } = CLASSES;
const LETTER = `[${letters}][${marks}]*`;
const PART = `(?:${LETTER}|[0-9@$!])`;
const IN_WORD = `[${letters}${marks}${numbers}]`;
/** Every spread word has one; far faster to find than the word. */
const LONE_PART = new RegExp(`(${SEPARATOR})${PART}\\1`, 'u');
const APOSTROPHE = "['’]";
const SPREAD = new RegExp(
  `(?<!${IN_WORD}|${APOSTROPHE})${LETTER}(?:(${SEPARATOR})${PART})(?:\\1${PART})*\\1${LETTER}(?!${IN_WORD}|${APOSTROPHE})`,
  'gu',
);
const PAIR = new RegExp(`(?<=^| {2})${LETTER} ${LETTER}(?= {2})`, 'gu');
const FEWEST_LETTERS = 3;
const FEWEST_OF_OTHER_SCRIPTS = 4;
const EACH_LETTER = new RegExp(`[${letters}]`, 'gu');
const ENDS_IN_WORD = new RegExp(`${IN_WORD}$`, 'u');
const STARTS_WITH_WORD = new RegExp(`^${IN_WORD}`, 'u');
const SMALL_LETTER = /^[a-z]$/;

function joinLetters(run: string, separator: string): string {
  const joined = run.replaceAll(separator, '');
  return isWord(joined) ? joined : run;
}

function isWord(joined: string): boolean {
  const numLetters = joined.match(EACH_LETTER)?.length ?? 0;
  if (OTHER_THAN_ASCII.test(joined)) return numLetters >= FEWEST_OF_OTHER_SCRIPTS;
  return numLetters >= FEWEST_LETTERS && VOWEL.test(joined) && !NO_WORD.test(joined) && !isAlphabet(joined);
}

const isAlphabet = (joined: string): boolean => 'abcdefghijklmnopqrstuvwxyz'.includes(joined.toLowerCase());

const OTHER_THAN_ASCII = /[\u0080-\uffff]/;
/** Or what stands for one. */
const VOWEL = /[aeiouy0134@!]/i;
/** Sizes, and short words of chats: `r u a`. */
const NO_WORD = /\dx|x\d|^[aikruy]{3}$/i;

function joinSpaced(run: string): string {
  const parts = run.split(' ');
  if (isAlphabet(parts.join(''))) return run;
  const before = startsWithWord(parts) ? parts.splice(0, 1) : [];
  const after = parts.at(-1) === 'I' && SMALL_LETTER.test(parts.at(-2) ?? '') ? parts.splice(-1) : [];
  return [...before, joinLetters(parts.join(' '), ' '), ...after].join(' ');
}

function startsWithWord(parts: readonly string[]): boolean {
  const [first, second = ''] = parts;
  if (first === 'I') return SMALL_LETTER.test(second);
  return (first === 'a' || first === 'A') && parts.length > FEWEST_LETTERS;
}

function isNameOrAbbreviation(text: string, start: number, run: string): boolean {
  const end = start + run.length;
  const isDotBefore =
    text[start - 1] === '.' && ENDS_IN_WORD.test(text.slice(Math.max(0, start - 3), start - 1));
  const isDotAfter = text[end] === '.';
  if (isDotBefore || (isDotAfter && STARTS_WITH_WORD.test(text.slice(end + 1, end + 3)))) return true;
  return run.length <= LONGEST_ABBREVIATION && (isDotAfter || CAPITALS.test(run));
}

const HANDLE = /@\w*$/;
const LONGEST_PREFIX = 16;
/** Four letters with the dots between them. */
const LONGEST_ABBREVIATION = 7;
const CAPITALS = /^[A-Z.]+$/;
