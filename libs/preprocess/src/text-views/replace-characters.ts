/**
 * Replaces characters outside ASCII. Many times faster than a regular expression with as many characters.
 *
 * @param replacements by code point; others stay
 */
export function replaceCharacters(text: string, replacements: ReadonlyMap<number, string>): string {
  let replaced = '';
  let end = 0;
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) < FIRST_OTHER_THAN_ASCII) continue;
    const codePoint = text.codePointAt(i) ?? 0;
    const length = codePoint > LAST_OF_ONE_UNIT ? 2 : 1;
    const replacement = replacements.get(codePoint);
    if (replacement !== undefined) {
      replaced += text.slice(end, i) + replacement;
      end = i + length;
    }
    i += length - 1;
  }
  return end === 0 ? text : replaced + text.slice(end);
}

const FIRST_OTHER_THAN_ASCII = 0x80;
const LAST_OF_ONE_UNIT = 0xffff;
