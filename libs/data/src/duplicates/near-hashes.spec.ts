import fc from 'fast-check';
import { Random } from '@assay/core';
import { findNearHashes, type HashPair } from './near-hashes.js';

const distanceOf = (a: Uint8Array, b: Uint8Array): number =>
  a.reduce((bits, byte, i) => bits + (byte ^ b[i]!).toString(2).replaceAll('0', '').length, 0);

/** What a comparison of all pairs finds. */
function byBruteForce(
  hashes: readonly Uint8Array[],
  mirrored: readonly Uint8Array[],
  most: number,
): HashPair[] {
  return hashes.flatMap((hash, a) =>
    hashes.slice(a + 1).flatMap((other, i): HashPair[] => {
      const b = a + 1 + i;
      const direct = distanceOf(hash, other);
      if (direct <= most) return [{ a, b, distance: direct, isMirrored: false }];
      const turned = distanceOf(hash, mirrored[b]!);
      return turned <= most ? [{ a, b, distance: turned, isMirrored: true }] : [];
    }),
  );
}

/** Hashes of which many are others with some bits turned. */
function randomHashes(seed: number, count: number, numBytes: number): Uint8Array[] {
  const random = new Random(seed, 'hashes');
  const hashes: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const hash =
      i > 3 && random.bernoulli(0.5)
        ? random.pick(hashes).slice()
        : Uint8Array.from({ length: numBytes }, () => random.integer(256));
    for (let turns = random.integer(16); turns > 0; turns--) {
      const bit = random.integer(8 * numBytes);
      hash[bit >> 3] = hash[bit >> 3]! ^ (1 << (bit & 7));
    }
    hashes.push(hash);
  }
  return hashes;
}

it('finds pairs by hand, direct and mirrored', () => {
  const hashes = [
    [0, 0, 0, 0],
    [0, 0, 0, 3],
    [255, 0, 0, 0],
    [0, 0, 255, 0],
  ].map((bytes) => Uint8Array.from(bytes));
  const mirrored = [
    [0, 0, 0, 0],
    [3, 0, 0, 0],
    [0, 0, 0, 7],
    [255, 0, 0, 1],
  ].map((bytes) => Uint8Array.from(bytes));
  expect(findNearHashes({ hashes, mirrored, maxDistance: 2 })).toEqual([
    { a: 0, b: 1, distance: 2, isMirrored: false },
    { a: 1, b: 2, distance: 1, isMirrored: true },
    { a: 2, b: 3, distance: 1, isMirrored: true },
  ]);
  expect(findNearHashes({ hashes, maxDistance: 1 })).toEqual([]);
});

it.each([
  [8, 0],
  [8, 4],
  [8, 5],
  [8, 10],
  [32, 31],
  [32, 16],
])('misses none and invents none: %d bytes, up to %d bits', (numBytes, maxDistance) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
      const hashes = randomHashes(seed, 60, numBytes);
      const mirrored = randomHashes(seed + 1, 30, numBytes).concat(hashes.slice(0, 30));
      expect(findNearHashes({ hashes, mirrored, maxDistance })).toEqual(
        byBruteForce(hashes, mirrored, maxDistance),
      );
    }),
    { numRuns: 15 },
  );
});

it('takes no hashes, and refuses hashes of several lengths', () => {
  expect(findNearHashes({ hashes: [], maxDistance: 3 })).toEqual([]);
  expect(() => findNearHashes({ hashes: [new Uint8Array(8), new Uint8Array(4)], maxDistance: 3 })).toThrow(
    'one length',
  );
});
