import fc from 'fast-check';
import { XxHash64 } from './xxhash64.js';

const hashOf = (...parts: (string | Uint8Array)[]): string => {
  const hash = new XxHash64();
  for (const part of parts) hash.update(Buffer.from(part));
  return hash.digest().toString(16).padStart(16, '0');
};

describe('XxHash64', () => {
  it.each([
    ['', 'ef46db3751d8e999'],
    ['a', 'd24ec4f1a98c6e5b'],
    ['abc', '44bc2cf5ad770999'],
    ['Nobody inspects the spammish repetition', 'fbcea83c8a378bf1'],
  ])('gives the published hash of %j', (text, hash) => {
    expect(hashOf(text)).toBe(hash);
  });

  it('gives the same whatever the parts', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), fc.nat(300), (bytes, a, b) => {
        const [first, second] = [Math.min(a, b), Math.max(a, b)];
        const parts = [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)];
        expect(hashOf(...parts)).toBe(hashOf(bytes));
      }),
    );
  });
});
