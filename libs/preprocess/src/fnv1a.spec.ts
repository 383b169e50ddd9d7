import { fnv1a } from './fnv1a.js';

describe('fnv1a', () => {
  // Vectors of the authors: http://www.isthe.com/chongo/src/fnv/test_fnv.c
  it.each([
    ['', 0x811c9dc5],
    ['a', 0xe40c292c],
    ['foobar', 0xbf9cf968],
  ])('hashes %j as published', (text, expected) => {
    expect(fnv1a(Buffer.from(text))).toBe(expected);
  });

  it('goes on from the hash of the bytes before', () => {
    const bytes = Buffer.from('xfoobarx');
    expect(fnv1a(bytes, 4, 7, fnv1a(bytes, 1, 4))).toBe(0xbf9cf968);
  });
});
