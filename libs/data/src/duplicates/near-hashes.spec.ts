import fc from 'fast-check';
import { Random } from '@assay/core';
import { findNearHashes, type HashPair } from './near-hashes.js';
import { UnionFind } from './union-find.js';

function familiesOf(count: number, pairs: readonly HashPair[]): number[][] {
  const sets = new UnionFind(count);
  for (const { a, b } of pairs) sets.union(a, b);
  return sets.components();
}

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
      const turned = Math.min(distanceOf(hash, mirrored[b]!), distanceOf(mirrored[a]!, other));
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

it('finds pairs by hand, direct and mirrored, whichever of the two is turned', async () => {
  const hashes = [
    [0, 0, 0, 0],
    [0, 0, 0, 3],
    [255, 0, 0, 0],
    [0, 0, 255, 0],
  ].map((bytes) => Uint8Array.from(bytes));
  const mirrored = [
    [0, 0, 85, 85],
    [0, 0, 255, 1],
    [0, 0, 0, 7],
    [255, 0, 0, 1],
  ].map((bytes) => Uint8Array.from(bytes));
  expect(await findNearHashes({ hashes, mirrored, maxDistance: 2 })).toEqual([
    { a: 0, b: 1, distance: 2, isMirrored: false },
    { a: 1, b: 2, distance: 1, isMirrored: true }, // the second turned
    { a: 1, b: 3, distance: 1, isMirrored: true }, // the first turned
    { a: 2, b: 3, distance: 1, isMirrored: true },
  ]);
  expect(await findNearHashes({ hashes, maxDistance: 1 })).toEqual([]);
});

it.each([
  [8, 0],
  [8, 4],
  [8, 5],
  [8, 10],
  [32, 31],
  [32, 16],
])('misses none and invents none: %d bytes, up to %d bits', async (numBytes, maxDistance) => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 1e6 }), async (seed) => {
      const hashes = randomHashes(seed, 60, numBytes);
      const mirrored = randomHashes(seed + 1, 30, numBytes).concat(hashes.slice(0, 30));
      const expected = byBruteForce(hashes, mirrored, maxDistance);
      expect(await findNearHashes({ hashes, mirrored, maxDistance })).toEqual(expected);
      const spanning = await findNearHashes({ hashes, mirrored, maxDistance, maxFamily: 1 });
      expect(familiesOf(60, spanning)).toEqual(familiesOf(60, expected));
      expect(spanning.length).toBeLessThan(60);
      expect(expected).toEqual(expect.arrayContaining(spanning));
    }),
    { numRuns: 15 },
  );
});

it('keeps apart what is not confirmed, and goes on to what else is near', async () => {
  const hashes = [0, 1, 3].map((byte) => Uint8Array.of(0, 0, 0, byte));
  const confirms = (a: number, b: number): boolean => a + b !== 1;
  expect(await findNearHashes({ hashes, maxDistance: 2, confirms })).toEqual([
    { a: 0, b: 2, distance: 2, isMirrored: false },
    { a: 1, b: 2, distance: 1, isMirrored: false },
  ]);
});

it('links thousands of copies by as few pairs, and a small family by all', async () => {
  const hashes = Array.from({ length: 5000 }, (_, i) => Uint8Array.of(i < 4996 ? 0 : 255, 255, i & 1, 0));
  const pairs = await findNearHashes({ hashes, maxDistance: 2, maxFamily: 4 });
  expect(pairs.filter(({ a }) => a >= 4996)).toHaveLength(6);
  expect(pairs).toHaveLength(4995 + 6);
});

it('stops when it is interrupted meanwhile', async () => {
  const random = new Random(1, 'hashes');
  const hashes = Array.from({ length: 5000 }, () =>
    Uint8Array.from({ length: 8 }, () => random.integer(256)),
  );
  const controller = new AbortController();
  setImmediate(() => controller.abort());
  await expect(findNearHashes({ hashes, maxDistance: 4, signal: controller.signal })).rejects.toMatchObject({
    code: 'INTERRUPTED',
  });
});

it('takes no hashes, and refuses hashes of several lengths', async () => {
  expect(await findNearHashes({ hashes: [], maxDistance: 3 })).toEqual([]);
  await expect(
    findNearHashes({ hashes: [new Uint8Array(8), new Uint8Array(4)], maxDistance: 3 }),
  ).rejects.toThrow('one length');
});
