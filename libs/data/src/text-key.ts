import { createHash } from 'node:crypto';
import { foldedText } from '@assay/preprocess';

/** All text fields as one text: the text itself when there is one field, else joined by line breaks. */
export const joinedText = (text: Readonly<Record<string, string>>): string => Object.values(text).join('\n');

/** SHA-1 of the joined text as UTF-8, as hex digits: the same for equal texts, and easy to compute anywhere. */
export const textSha1 = (text: Readonly<Record<string, string>>): string =>
  createHash('sha1').update(joinedText(text)).digest('hex');

/** What the strategy 'hash' deals a record by: SHA-1 of its text, or of its id when the text is blank. */
export const splitSha1 = ({ id, text }: { id: string; text: Readonly<Record<string, string>> }): string =>
  textSha1(joinedText(text).trim() === '' ? { id } : text);

/**
 * The view in which texts are compared for duplicates: the folded view of every field, so that a copy in other spelling
 * (leet, letters of other scripts, spread letters, invisible characters) is a copy.
 */
export const comparableText = (text: Readonly<Record<string, string>>): string =>
  Object.values(text)
    .map(foldedText)
    .filter((field) => field !== '')
    .join(' ');
