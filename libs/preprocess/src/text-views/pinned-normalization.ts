import { BITS, bitsOf } from './character-bits.js';
import { replaceCharacters } from './replace-characters.js';
import { CLASSES, LATE_DECOMPOSITIONS } from './unicode-tables.js';

/**
 * Unicode NFKC that is the same on every supported Node. Characters of Unicode 15.0, which all of them know, are
 * normalised by Node: normalisation of assigned characters never changes. Later ones are decomposed by our own data and
 * stand apart: they neither compose nor take part in the order of marks, so NFKC of a few vowel signs new in Unicode 16
 * stays decomposed.
 *
 * @see https://www.unicode.org/policies/stability_policy.html#Normalization
 */
export const pinnedNfkc = (text: string): string => normalizePinned(text, 'NFKC');

/** As {@link pinnedNfkc}; late characters must be decomposed already. */
export const pinnedNfd = (text: string): string => normalizePinned(text, 'NFD');

/** As {@link pinnedNfkc}. */
export const pinnedNfc = (text: string): string => normalizePinned(text, 'NFC');

const NOT_LATE = new RegExp(`[^${CLASSES.late}]+`, 'gu');

function normalizePinned(text: string, form: 'NFKC' | 'NFD' | 'NFC'): string {
  if (!OTHER_THAN_ASCII.test(text)) return text;
  if (!hasLate(text)) return text.normalize(form);
  return replaceCharacters(text, LATE_DECOMPOSITIONS).replace(NOT_LATE, (run) => run.normalize(form));
}

const OTHER_THAN_ASCII = /[\u0080-\uffff]/;
const hasLate = (text: string): boolean => (bitsOf(text) & BITS.late) !== 0;
