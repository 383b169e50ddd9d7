import { replaceCharacters } from './replace-characters.js';
import { CASE_FOLDS } from './unicode-tables.js';

/**
 * Full default case folding, the same on every Node and in every context: unlike `toLowerCase`, ß is ss and a final
 * sigma is a sigma.
 *
 * @see https://www.unicode.org/versions/latest/core-spec/chapter-3/#G53253 (default caseless matching)
 */
export function foldCase(text: string): string {
  if (!OTHER_THAN_ASCII.test(text)) return text.toLowerCase();
  return replaceCharacters(
    text.replace(ASCII_CAPITALS, (capitals) => capitals.toLowerCase()),
    CASE_FOLDS,
  );
}

const OTHER_THAN_ASCII = /[\u0080-\uffff]/;
const ASCII_CAPITALS = /[A-Z]+/g;
