import type { Random } from '@assay/core';

export const OBFUSCATIONS = ['spaced', 'digits', 'look-alikes', 'zero-width'] as const;
export type Obfuscation = (typeof OBFUSCATIONS)[number];

const DIGITS: Readonly<Record<string, string>> = { a: '4', e: '3', i: '1', o: '0', s: '5', t: '7' };
/** Cyrillic letters that look like Latin ones. */
const LOOK_ALIKES: Readonly<Record<string, string>> = {
  a: 'а',
  c: 'с',
  e: 'е',
  o: 'о',
  p: 'р',
  x: 'х',
  y: 'у',
  i: 'і',
};
const ZERO_WIDTH_SPACE = '\u200b';

const replaceLetters = (word: string, table: Readonly<Record<string, string>>): string =>
  [...word].map((letter) => table[letter.toLowerCase()] ?? letter).join('');

/** Spells one word so that people still read it and a word list misses it. */
export function obfuscateWord(word: string, how: Obfuscation): string {
  switch (how) {
    case 'spaced':
      return [...word].join(' ');
    case 'digits':
      return replaceLetters(word, DIGITS);
    case 'look-alikes':
      return replaceLetters(word, LOOK_ALIKES);
    case 'zero-width':
      return [...word].join(ZERO_WIDTH_SPACE);
  }
}

/** Obfuscates up to two of the longer words of a sentence. */
export function obfuscateSentence(sentence: string, how: Obfuscation, random: Random): string {
  const words = sentence.split(' ');
  const candidates = words.flatMap((word, i) => (/^\p{L}{4,}$/u.test(word) ? [i] : []));
  for (const i of random.shuffle(candidates).slice(0, 2)) words[i] = obfuscateWord(words[i] ?? '', how);
  return words.join(' ');
}
