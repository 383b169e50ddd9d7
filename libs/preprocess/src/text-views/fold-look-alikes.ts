import { pinnedNfc, pinnedNfd } from './pinned-normalization.js';
import { replaceCharacters } from './replace-characters.js';
import { CLASSES, LOOK_ALIKES } from './unicode-tables.js';

/**
 * Letters of other scripts that look like Latin ones become these, in words that pretend to be Latin: all of whose
 * letters become Latin, and
 *
 * - which have at least three letters, one of them from a to z (`wеapon` with a Cyrillic е, `Нeroin` with a Cyrillic Н), or
 * - which have at least three letters, in a text that has letters from a to z elsewhere and no word of another script;
 *   once there is any such word in such a text, those of one letter or two.
 *
 * Other words stay as they are, so that Russian, Greek or Arabic text keeps its letters, `сахар` among them; so do
 * Latin letters of real alphabets (up to U+024F: `ı`, `þ`, `æ`). Small capitals (`ɢᴜɴ`) are no other script.
 *
 * @param text NFC, in its own case: `Н` looks like `H`, `н` like no letter
 */
export function foldLookAlikes(text: string): string {
  if (!OTHER_THAN_ASCII.test(text)) return text;
  const decomposed = replaceCharacters(pinnedNfd(text), SMALL_CAPITALS);
  const latin = toLatin(decomposed);
  if (latin === decomposed) return pinnedNfc(decomposed);
  if (!LATIN_LETTER.test(decomposed) || FOREIGN.test(latin)) return pinnedNfc(foldWords(decomposed, MIXED));
  const folded = foldWords(decomposed, LONG_OR_MIXED);
  return pinnedNfc(folded === decomposed ? folded : foldWords(folded, ANY_LATIN));
}

/** @param pretending pattern of words, decomposed, that pretend to be Latin */
function foldWords(decomposed: string, pretending: RegExp): string {
  return decomposed.replace(WORD, (word) => {
    if (!OTHER_THAN_ASCII.test(word) || !pretending.test(word)) return word;
    const latin = toLatin(word);
    return FOREIGN.test(latin) ? word : latin;
  });
}

const toLatin = (decomposed: string): string => replaceCharacters(decomposed, LATIN);

const OTHER_THAN_ASCII = /[\u0080-\uffff]/;
const LATIN_LETTER = /[A-Za-z]/;
const { letters, marks, numbers } = CLASSES;
const WORD = new RegExp(`[${letters}${marks}${numbers}]+`, 'gu');
const FOREIGN = new RegExp(`(?![\\0-\\u024f])[${letters}]`, 'u');
const THREE = `(?:[${letters}][${marks}]*[${numbers}]*){3}`;
const MIXED = new RegExp(`^(?=.*[A-Za-z])[${letters}${marks}${numbers}]*?${THREE}`, 'u');
const LONG_OR_MIXED = new RegExp(`${MIXED.source}|^${THREE}[${letters}${marks}]*$`, 'u');
const ANY_LATIN = new RegExp(`[A-Za-z]|^[${letters}${marks}]+$`, 'u');

/** Letters only, no digits of other scripts. UTS #39 writes `m` as `rn`; a reader does not. */
const LATIN: ReadonlyMap<number, string> = new Map(
  [...LOOK_ALIKES]
    .filter(([codePoint]) => FOREIGN.test(String.fromCodePoint(codePoint)))
    .map(([codePoint, skeleton]) => [codePoint, skeleton.replaceAll('rn', 'm')]),
);

/** UTS #39 has few of them, since nobody takes them for others; people write whole texts in them all the same. */
const SMALL_CAPITALS: ReadonlyMap<number, string> = new Map(
  ['abcdefghijklmnopqrstuvwyz', 'ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ']
    .map((row) => [...row])
    .reduce((small, capitals) => small.map((letter, i) => `${capitals[i] ?? ''}${letter}`))
    .map((pair): [number, string] => [pair.codePointAt(0) ?? 0, pair.slice(-1)]),
);
