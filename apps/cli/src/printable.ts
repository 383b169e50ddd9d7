/**
 * Characters that a terminal obeys, or that turn the order of others around: controls but tab and line break,
 * bidirectional marks, embeddings, overrides and isolates, and halves of surrogate pairs.
 */
const OBEYED =
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]|\p{Surrogate}/gu;

const hexOf = (character: string): string =>
  (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');

/** Text that may hold what strangers wrote, for a terminal: what it would obey is shown by its code point. */
export const printable = (text: string): string =>
  text.replace(OBEYED, (character) => `<U+${hexOf(character)}>`);

/** The same JSON value, without characters that a terminal obeys. */
export const printableJson = (json: string): string =>
  json.replace(OBEYED, (character) => `\\u${hexOf(character)}`);
