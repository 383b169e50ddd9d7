import { escapeHtml } from './escape-html.js';
import { count } from './html-elements.js';

/**
 * Characters that nobody sees, or that turn the order of others around: controls but tab and line break, soft hyphen, combining
 * grapheme joiner, fillers of Hangul, inherent vowels of Khmer, zero width space, bidirectional embeddings, overrides and
 * isolates, word joiner and invisible operators, blank Braille pattern, byte order mark, annotations, tags. Joiners and
 * variation selectors stay: emoji and many scripts are written with them.
 *
 * @see https://www.unicode.org/reports/tr9/#Directional_Formatting_Codes
 */
const HIDDEN =
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u00AD\u061C\u115F\u1160\u180E\u200B\u200E\u200F\u2028-\u202E\u2060-\u206F\u2800\u3164\uFEFF\uFFA0\uFFF9-\uFFFB\u{E0000}-\u{E007F}]|\u034F|\u17B4|\u17B5/u;

/** What can begin nothing: one half of a surrogate pair. */
const LONE_SURROGATE = /\p{Surrogate}/u;

const MARKS = new RegExp(`${HIDDEN.source}|${LONE_SURROGATE.source}`, 'gu');

/**
 * Text of a stranger as HTML: escaped, isolated from the direction of what is around it, and with hidden characters shown by
 * their code points.
 */
export function userText(text: string): string {
  const lines = text.replaceAll('\r\n', '\n');
  const parts: string[] = [];
  let end = 0;
  for (const { 0: character, index } of lines.matchAll(MARKS)) {
    parts.push(escapeHtml(lines.slice(end, index)), markOf(character));
    end = index + character.length;
  }
  return `<bdi>${parts.join('')}${escapeHtml(lines.slice(end))}</bdi>`;
}

function markOf(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return `<i class="hidden-mark">U+${code}</i>`;
}

/**
 * The beginning of a text of a stranger as HTML.
 *
 * @param maxLength most code points
 */
export function clippedText(text: string, maxLength: number): string {
  let end = 0;
  let numMore = 0;
  let left = maxLength;
  for (const { length } of text) {
    if (left-- > 0) end += length;
    else numMore++;
  }
  if (numMore === 0) return userText(text);
  return `${userText(text.slice(0, end))}<i class="clipped">… ${count(numMore)} more</i>`;
}
