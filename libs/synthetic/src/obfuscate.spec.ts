import { Random } from '@assay/core';
import { obfuscateSentence, obfuscateWord, OBFUSCATIONS } from './obfuscate.js';

test('each way of obfuscation spells a word as a person would still read it', () => {
  expect(obfuscateWord('cures', 'spaced')).toBe('c u r e s');
  expect(obfuscateWord('cures', 'digits')).toBe('cur35');
  expect(obfuscateWord('cures', 'look-alikes')).toBe('\u0441ur\u0435s');
  expect(obfuscateWord('cures', 'zero-width')).toBe('c\u200bu\u200br\u200be\u200bs');
});

test.each(OBFUSCATIONS)('%s changes a sentence that has long words and leaves short words alone', (how) => {
  const random = new Random(1, 'obfuscate');
  expect(obfuscateSentence('It cures migraine', how, random)).not.toBe('It cures migraine');
  expect(obfuscateSentence('It is so', how, random)).toBe('It is so');
});
