import { printable, printableJson } from './printable.js';

const HOSTILE = '\u001b[2J\u001b]0;owned\u0007\u009b1m\u202egnp.exe\ud800';

test('what a terminal obeys is shown by its code point; text of all scripts, tabs and lines stay', () => {
  expect(printable(HOSTILE)).toBe('<U+001B>[2J<U+001B>]0;owned<U+0007><U+009B>1m<U+202E>gnp.exe<U+D800>');
  const fine = 'Wolle\tשלום 手 👩‍🎨\nsecond line';
  expect(printable(fine)).toBe(fine);
});

test('JSON for a terminal parses to the same value', () => {
  const json = JSON.stringify({ text: HOSTILE, count: 1 }, null, 2);
  const shown = printableJson(json);
  expect(shown).toContain('\\u009B');
  expect(shown).not.toMatch(/[\u009b\u202e]/);
  expect(JSON.parse(shown)).toEqual({ text: HOSTILE, count: 1 });
});
