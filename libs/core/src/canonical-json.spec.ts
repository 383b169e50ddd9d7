import { canonicalJson } from './canonical-json.js';
import { sha256OfBytes, sha256OfJson, sha256OfStrings } from './hashing.js';

test('the order of keys does not change the text, at any depth', () => {
  expect(canonicalJson({ b: [{ y: 1, x: 2 }], a: null })).toBe('{"a":null,"b":[{"x":2,"y":1}]}');
  expect(sha256OfJson({ a: 1, b: 2 })).toBe(sha256OfJson({ b: 2, a: 1 }));
});

test('undefined members are left out and NaN is refused', () => {
  expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
  expect(() => canonicalJson({ a: Number.NaN })).toThrow('NaN has no JSON form');
});

test('sha256OfBytes gives the published digest of "abc"', () => {
  expect(sha256OfBytes('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

test('sha256OfStrings tells where one part ends and the next begins', () => {
  expect(sha256OfStrings(['ab', 'c'])).not.toBe(sha256OfStrings(['a', 'bc']));
});
