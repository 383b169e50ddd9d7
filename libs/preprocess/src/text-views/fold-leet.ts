import { CLASSES } from './unicode-tables.js';

/**
 * Digits and signs that stand for letters become these: `h4te`, `b!tch`, `a$$`, `4sshole`. Only in words where that is
 * likely, since `3XL`, `M4`, `iPhone13` and `5kg` are no words in disguise:
 *
 * - a sign, or the same one twice, between two letters (`w3apon`, `f00l`); `!` and `@` only alone, after letters without a
 *   vowel (`sh!t`, `c@sh`, not `Great!Buy`, `me@work`); a lone 5, 6, 7 or 9 only between two letters on each side or after three (`mu5lim`, `slu7s`,
 *   not `a7iii`) or beside a sign for a vowel; no `4` beside an `a`, no `1` beside an `i` (`m4a1`). Once there is one, digits at the
 *   ends count too (`h4t3`);
 * - `$` at the start before two letters and a vowel (`$hit`, not `$twtr`), twice at the end (`a$$`) or once after three letters;
 * - a digit for a vowel before a doubled consonant, with which no word starts (`4sshole`, `1mmigrant`).
 *
 * A text with such a word may have heavier ones (`f1n15h3d`): with up to three digits in a row between letters, when
 * what they spell can be pronounced.
 *
 * Never in words with 2 or 8, with more digits than letters, longer than 32 characters, codes, sizes such as `5x7in`,
 * amounts such as `usd$`, words of other scripts than Latin, links, addresses, handles and hashtags (`#gifts4all`). `1` is `l` after a vowel and `i` elsewhere.
 *
 * @param text case-folded
 * @param codes words in lower case that stay, as `codesOf` gives them
 */
export function foldLeet(text: string, codes: ReadonlySet<string>): string {
  const folded = foldWords(text, codes, isLeet);
  return folded === text ? text : foldWords(folded, codes, isHeavyLeet);
}

function foldWords(text: string, codes: ReadonlySet<string>, test: (word: string) => boolean): string {
  return text.replace(CHUNK_WITH_SIGN, (chunk) =>
    ADDRESS.test(chunk) ? chunk : chunk.replace(WORD_WITH_SIGN, (word) => foldWord(word, codes, test)),
  );
}

/**
 * Words that their capitals show to be codes: formulas (`CH3OH`, `Fe3O4`), capitals after digits after small letters
 * (`iPhone3GS`), and up to three capitals and digits (`M1A`) unless the whole text is in capitals.
 *
 * @param text in its own case
 * @returns in lower case
 */
export function codesOf(text: string): ReadonlySet<string> {
  const isShouted = !/[a-z]/.test(text);
  const words = text.match(/[A-Za-z0-9]+/g) ?? [];
  return new Set(words.filter((word) => isCode(word, isShouted)).map((word) => word.toLowerCase()));
}

function isCode(word: string, isShouted: boolean): boolean {
  if (word.length > LONGEST_WORD || !/\d/.test(word) || !/[A-Z]/.test(word)) return false;
  const isShort = word.length <= LONGEST_SHOUTED_CODE && !/[a-z]/.test(word) && !isShouted;
  return isShort || CAPITAL_AFTER_DIGITS.test(word) || (FORMULA.test(word) && /[HO]/.test(word));
}

const LONGEST_WORD = 32;
const LONGEST_SHOUTED_CODE = 3;
const CAPITAL_AFTER_DIGITS = /[a-z]\d+[A-Z]/;
/** Of the elements with one letter those that are common in several places; numbers of atoms are above one. */
const FORMULA = /^(?:K\d?)?(?:(?:[A-Z][a-z]|[CHONPSFI])(?:[2-9]\d?|1\d)?)+$/;

const { letters, marks } = CLASSES;
const LETTER = `[${letters}${marks}]`;
/** Starts at the start of a chunk only, so that a long one costs no more than its length. */
const CHUNK_WITH_SIGN = /(?<![^ ])[^ 0-9@$!]*[0-9@$!][^ ]*/g;
/** Not after a backslash, where letters are escapes: `\\n@someone`. */
const WORD_WITH_SIGN = new RegExp(`(?<!\\\\)(?:${LETTER}|[0-9@$!])+`, 'gu');
const ADDRESS = /:\/\/|^www\.|\.[a-z]{2,}\\?\/|[^@]@[^@]+\.[a-z]|^[^a-z@]*@[a-z0-9_]{4}|^#/;

const SIGN = new Map(
  Object.entries({
    0: 'o',
    1: 'i',
    3: 'e',
    4: 'a',
    5: 's',
    6: 'g',
    7: 't',
    9: 'g',
    '@': 'a',
    $: 's',
    '!': 'i',
  }),
);
const INNER_SIGNS = new RegExp(`(?<=${LETTER})[0-9@$!]+(?=${LETTER})`, 'gu');
const ONE_OR_TWICE = /^(.)\1?$/;
const LONE_SIGN = new RegExp(`^(?![rm]t@)(?:(?![aeiouy])${LETTER})+[!@]${LETTER}+$`, 'u');
const FOR_VOWEL = /[0134@!]/;
const FOR_CONSONANT = new RegExp(
  `${LETTER}{2}[5679]${LETTER}{2}|${LETTER}{3}[5679]${LETTER}|([5679$])\\1|\\$`,
  'u',
);
const SAME_VOWEL_TWICE = /[4@]a|a[4@]|[1!]i|i[1!]/;
const DOLLARS = new RegExp(`^\\$+(?=.*[aeiouy])${LETTER}{2}|${LETTER}\\$\\$+$|${LETTER}{3}\\$$`, 'u');
const VOWEL_BEFORE_DOUBLE = new RegExp(`^[0134@]([b-df-hj-np-tv-z])\\1${LETTER}{2}`, 'u');
const NUMBER_AND_UNIT = /^\d(?:mm(?!ig)|cc(?!e)|pp[mb])/;
const AMOUNT = /^\$?(?:us|usd|aud|cad|eur|hkd|nzd|sgd)\$?$/;
const PRONOUNCEABLE = /^(?!.*[aeiouy]{4})(?!.*[^aeiouy]{4})(?=.*[aeiouy]).*$/;
const OTHER_SCRIPT = new RegExp(`(?![\\0-\\u024f])[${letters}]`, 'u');
const NEVER = /[28]|^\d+x\d|^mp[34]|^ps[1345]|^web3|^cat[5-7]|^[fmtw]4[fmtw]$|^@\w{4}/;

function foldWord(signed: string, codes: ReadonlySet<string>, test: (word: string) => boolean): string {
  if (signed.length > LONGEST_WORD) return signed;
  const end = signed.search(/!*$/);
  const word = signed.slice(0, end);
  return !codes.has(word) && test(word) ? lettersOf(word) + signed.slice(end) : signed;
}

function isLeet(word: string): boolean {
  const numDigits = word.match(/\d/g)?.length ?? 0;
  const numLetters = word.match(/\D/gu)?.length ?? 0;
  if (OTHER_SCRIPT.test(word) || NEVER.test(word) || AMOUNT.test(word) || numDigits > numLetters)
    return false;
  const inner: readonly string[] = word.match(INNER_SIGNS) ?? [];
  if (inner.length === 0)
    return DOLLARS.test(word) || (VOWEL_BEFORE_DOUBLE.test(word) && !NUMBER_AND_UNIT.test(word));
  if (inner.some((signs) => /[!@]/.test(signs)) && !LONE_SIGN.test(word)) return false;
  if (SAME_VOWEL_TWICE.test(word)) return false;
  if (!inner.some((signs) => FOR_VOWEL.test(signs)) && !FOR_CONSONANT.test(word)) return false;
  return inner.every((signs) => ONE_OR_TWICE.test(signs));
}

/** Up to three digits in a row that make what one can pronounce. */
function isHeavyLeet(word: string): boolean {
  if (NEVER.test(word) || !/^[a-z0-9]+$/.test(word)) return false;
  const numDigits = word.match(/\d/g)?.length ?? 0;
  const inner: readonly string[] = word.match(INNER_SIGNS) ?? [];
  if (inner.length === 0 || 4 * numDigits > 3 * word.length || inner.some(({ length }) => length > 3))
    return false;
  return PRONOUNCEABLE.test(lettersOf(word));
}

function lettersOf(word: string): string {
  let spelled = '';
  let before = '';
  for (const character of word) {
    const isL = character === '1' && (VOWEL.test(spelled) || (before === '1' && spelled.endsWith('l')));
    spelled += isL ? 'l' : (SIGN.get(character) ?? character);
    before = character;
  }
  return spelled;
}

const VOWEL = /[aeiouy]$/;
