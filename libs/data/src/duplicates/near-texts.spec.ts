import { join } from 'node:path';
import fc from 'fast-check';
import { Random } from '@assay/core';
import { JaccardOfTexts } from './jaccard.js';
import { bandHash, candidateProbability, chooseBands } from './lsh-bands.js';
import { MinHasher } from './minhash.js';
import { findNearTexts, type NearTextOptions, type NearTexts } from './near-texts.js';
import { Shingler } from './shingles.js';
import { sortByKey } from './sort-by-key.js';
import { TextStore } from './text-store.js';
import { UnionFind } from './union-find.js';

const WORKER = join(__dirname, '../../dist/duplicates/near-texts-worker.js');
const find = (texts: readonly string[], options: NearTextOptions = {}): Promise<NearTexts> => {
  const store = new TextStore();
  for (const text of texts) store.add(text);
  return findNearTexts(store, { threads: 0, workerFile: WORKER, ...options });
};
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Shingles of a text as strings, without hashes. */
function shinglesOf(text: string, k = 5): Set<string> {
  const points = [...text];
  const count = points.length === 0 ? 0 : Math.max(1, points.length - k + 1);
  return new Set(Array.from({ length: count }, (_, i) => points.slice(i, i + k).join('')));
}

function jaccardOf(x: ReadonlySet<string>, y: ReadonlySet<string>): number {
  const common = [...x].filter((shingle) => y.has(shingle)).length;
  return common === 0 ? 0 : common / (x.size + y.size - common);
}

/** Texts of random words, some of them changed copies of others. */
function randomTexts(seed: number, count: number): string[] {
  const random = new Random(seed, 'texts');
  const word = (): string => `w${random.integer(2000).toString(36)}`;
  const texts: string[] = [];
  for (let i = 0; i < count; i++) {
    const words =
      i > 5 && random.bernoulli(0.4) ? random.pick(texts).split(' ') : Array.from({ length: 40 }, word);
    for (let edits = random.integer(8); edits > 0; edits--) words[random.integer(words.length)] = word();
    texts.push(words.join(' '));
  }
  return texts;
}

function allPairs(
  texts: readonly string[],
  threshold: number,
): { a: number; b: number; similarity: number }[] {
  const sets = texts.map((text) => shinglesOf(text));
  return sets.flatMap((set, a) =>
    sets.slice(a + 1).flatMap((other, i) => {
      const similarity = jaccardOf(set, other);
      return similarity >= threshold ? [{ a, b: a + 1 + i, similarity }] : [];
    }),
  );
}

describe('the Jaccard similarity of texts', () => {
  const similarity = (a: string, b: string, k = 5): number => {
    const jaccard = new JaccardOfTexts(new Shingler(k));
    jaccard.load(bytes(a));
    return jaccard.similarity(bytes(b));
  };

  it('by hand: abcd and bcde have 2 of 4 shingles of two characters in common', () => {
    expect(similarity('abcd', 'bcde', 2)).toBe(2 / 4);
    expect(similarity('aaaa', 'aa', 2)).toBe(1); // repeated shingles count once
    expect(similarity('', '')).toBe(0);
    expect(similarity('ab', 'ab')).toBe(1); // shorter than a shingle
    expect(similarity('ab', 'abc')).toBe(0);
  });

  it('counts characters, not bytes or halves of characters', () => {
    expect(similarity('äöü', 'öüß', 2)).toBe(1 / 3);
    expect(similarity('😀😁😂', '😁😂🤣', 2)).toBe(1 / 3);
    expect(similarity('漢字', '漢', 1)).toBe(1 / 2);
  });

  it('is that of the sets of strings, for any texts', () => {
    const text = fc.string({ unit: 'binary', maxLength: 60 });
    const near = fc.tuple(text, text, text).map(([a, b, c]) => [a + b, a + c] as const);
    fc.assert(
      fc.property(near, fc.integer({ min: 1, max: 6 }), ([a, b], k) => {
        expect(similarity(a, b, k)).toBeCloseTo(jaccardOf(shinglesOf(a, k), shinglesOf(b, k)), 12);
      }),
    );
  });
});

describe('MinHash', () => {
  /** Share of 128 · 64 values in which two sets of random numbers with this overlap agree. */
  function agreement(common: number, each: number): number {
    const random = new Random(common + 1000 * each, 'sets');
    const draw = (n: number): number[] => Array.from({ length: n }, () => random.word());
    const hasher = new MinHasher(128 * 64);
    const shared = draw(common);
    const first = hasher.sign(Uint32Array.from([...shared, ...draw(each)])).slice();
    const second = hasher.sign(Uint32Array.from([...draw(each), ...shared]));
    return first.filter((value, i) => value === second[i]).length / first.length;
  }

  // With 8192 values the standard error is below 0.006; bins that share an empty one's value raise it a little.
  it.each([
    [400, 50, 0.8],
    [200, 100, 0.5],
    [40, 5, 0.8], // fewer shingles than bins: many bins are filled from others
    [5, 5, 1 / 3],
    [0, 100, 0],
  ])(
    'values of sets with %d common and %d own numbers agree with their similarity',
    (common, own, jaccard) => {
      expect(Math.abs(agreement(common, own) - jaccard)).toBeLessThan(0.04);
    },
  );

  it('is the same for equal sets in any order, with repetitions', () => {
    const hasher = new MinHasher(256);
    const first = hasher.sign(Uint32Array.of(3, 1, 2)).slice();
    expect([...hasher.sign(Uint32Array.of(2, 2, 3, 1, 3))]).toEqual([...first]);
  });

  it('is found for a text whose only hash is the largest that there is', () => {
    const largest = '秇蠏趾洂窈'; // made for the seed of the first pass
    const hashes = new Shingler(5).hash(bytes(largest));
    expect(hashes).toHaveLength(1);
    const signature = new MinHasher(128).sign(hashes);
    expect([...new Set(signature)]).toEqual([0xffffffff]);
  });
});

describe('bands', () => {
  it('by hand: 20 bands of 5 rows find pairs of similarity 0.8 with probability 0.9996', () => {
    expect(candidateProbability(0.8, { bands: 20, rows: 5 })).toBeCloseTo(1 - (1 - 0.8 ** 5) ** 20, 12);
    expect(candidateProbability(0.8, { bands: 20, rows: 5 })).toBeCloseTo(0.99964, 5);
  });

  it('are as long as the wanted recall allows', () => {
    expect(chooseBands(0.8, 256, 0.995)).toEqual({ bands: 32, rows: 8 });
    expect(candidateProbability(0.8, { bands: 28, rows: 9 })).toBeLessThan(0.995);
    expect(chooseBands(1, 128, 0.9)).toEqual({ bands: 1, rows: 128 });
    expect(() => chooseBands(0.01, 128, 0.999)).toThrow('128 hashes cannot find pairs of similarity 0.01');
    expect(() => chooseBands(0, 128, 0.9)).toThrow('The threshold is 0');
  });

  it('make candidates as often as the formula says', () => {
    const random = new Random(5, 'bands');
    const hasher = new MinHasher(128);
    const [bands, rows] = [8, 4];
    const jaccard = 0.6; // 60 common of 100
    let candidates = 0;
    const trials = 200;
    for (let trial = 0; trial < trials; trial++) {
      const draw = (n: number): number[] => Array.from({ length: n }, () => random.word());
      const shared = draw(600);
      const first = hasher.sign(Uint32Array.from([...shared, ...draw(200)])).slice();
      const second = hasher.sign(Uint32Array.from([...shared, ...draw(200)]));
      const agree = (band: number): boolean => bandHash(first, band, rows) === bandHash(second, band, rows);
      if (Array.from({ length: bands }, (_, band) => band).some(agree)) candidates++;
    }
    expect(Math.abs(candidates / trials - candidateProbability(jaccard, { bands, rows }))).toBeLessThan(0.1);
  });
});

it('sorts positions by key and keeps equal ones in order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 })), fc.nat(3), (values, mask) => {
      const keys = Uint32Array.from(values, (value) => (mask === 0 ? value & 3 : value));
      const expected = [...keys.keys()].sort((a, b) => keys[a]! - keys[b]! || a - b);
      expect([...sortByKey(keys)]).toEqual(expected);
    }),
  );
});

describe('near texts', () => {
  const threshold = 0.8;

  it('are those that a comparison of all pairs finds', async () => {
    const texts = randomTexts(1, 400);
    const expected = allPairs(texts, threshold).filter(({ similarity }) => similarity < 1);
    const { pairs, skipped } = await find(texts, { recall: 0.9999 });
    const near = pairs.filter(({ similarity }) => similarity < 1);
    expect(expected.length).toBeGreaterThan(50);
    // Copies of equal texts are paired with the first only, so compare what the firsts have.
    const isFirst = (text: number): boolean => texts.indexOf(texts[text]!) === text;
    expect(near.map(({ a, b }) => [a, b])).toEqual(
      expected.filter(({ a, b }) => isFirst(a) && isFirst(b)).map(({ a, b }) => [a, b]),
    );
    for (const { a, b, similarity } of near)
      expect(similarity).toBeCloseTo(jaccardOf(shinglesOf(texts[a]!), shinglesOf(texts[b]!)), 6);
    expect(skipped).toBe(0);
  });

  it('are the same for any number of threads', async () => {
    const texts = randomTexts(2, 300);
    const expected = await find(texts);
    for (const threads of [1, 2, 3]) expect(await find(texts, { threads })).toEqual(expected);
  });

  it('of equal texts are pairs with the first, of similarity 1', async () => {
    expect(
      (await find(['same words here', 'other things', 'same words here', 'same words here'])).pairs,
    ).toEqual([
      { a: 0, b: 2, similarity: 1 },
      { a: 0, b: 3, similarity: 1 },
    ]);
  });

  it('do not arise from texts without characters', async () => {
    expect(await find(['', '', ''])).toEqual({ pairs: [], skipped: 0 });
    expect(await find([])).toEqual({ pairs: [], skipped: 0 });
  });

  it('20,000 equal texts and one giant text are no trouble', async () => {
    const texts = [...new Array<string>(20_000).fill('buy now cheap watches'), 'x'.repeat(300_000)];
    expect((await find(texts, { threads: 1 })).pairs).toHaveLength(19_999);
  });

  describe('that many texts are like', () => {
    /** Copies of one text of 60 words, some of them replaced in each. */
    function variantsOf(count: number, numEdits: (variant: number) => number, seed = 9): string[] {
      const random = new Random(seed, 'template');
      const word = (): string => `t${random.integer(5000)}`;
      const template = Array.from({ length: 60 }, word);
      return Array.from({ length: count }, (_, variant) => {
        const words = [...template];
        for (let edit = numEdits(variant); edit > 0; edit--) words[random.integer(60)] = word();
        return words.join(' ');
      });
    }
    const familiesOf = (count: number, pairs: readonly { a: number; b: number }[]): number[][] => {
      const sets = new UnionFind(count);
      for (const { a, b } of pairs) sets.union(a, b);
      return sets.components();
    };

    it.each([
      ['nearly all alike', (): number => 2],
      ['few of them alike', (): number => 4],
      ['some families and much that only shares the template', (i: number): number => (i % 3 === 0 ? 2 : 5)],
    ])('fall into the families that a comparison of all pairs finds: %s', async (_, numEdits) => {
      const texts = variantsOf(120, numEdits);
      const expected = allPairs(texts, threshold);
      const { pairs, skipped } = await find(texts, { maxBucket: 8 });
      expect(skipped).toBe(0);
      expect(familiesOf(120, expected).length).toBeGreaterThan(0);
      expect(familiesOf(120, pairs)).toEqual(familiesOf(120, expected));
      const known = new Set(expected.map(({ a, b }) => `${a} ${b}`));
      for (const { a, b } of pairs) expect(known).toContain(`${a} ${b}`);
    });

    it('are linked by few pairs when the family is large, by all when it is small', async () => {
      const small = variantsOf(20, () => 1, 10);
      const { pairs } = await find([...variantsOf(200, () => 1), ...small], { maxBucket: 8 });
      const ofSmall = pairs.filter(({ a }) => a >= 200).map(({ a, b }) => [a - 200, b - 200]);
      expect(ofSmall).toEqual(allPairs(small, threshold).map(({ a, b }) => [a, b]));
      expect(pairs.length - ofSmall.length).toBeLessThan(2 * 200);
    });

    it('are the same from threads', async () => {
      const texts = variantsOf(150, (i) => (i % 2 === 0 ? 2 : 4));
      const here = await find(texts, { maxBucket: 8 });
      expect(await find(texts, { maxBucket: 8, threads: 2 })).toEqual(here);
    });

    it('and that were not compared for want of time are counted', async () => {
      const texts = variantsOf(150, () => 4);
      const all = await find(texts, { maxBucket: 8 });
      const few = await find(texts, { maxBucket: 8, maxComparisons: 10 });
      expect(all.skipped).toBe(0);
      expect(few.skipped).toBeGreaterThan(100);
    });
  });

  it('that one seed misses are found with another', async () => {
    // Pairs at the threshold itself, with so few hashes that many are missed.
    const random = new Random(4, 'pairs');
    const letters = (count: number): string =>
      Array.from({ length: count }, () => 'bcdfghkmnprst'[random.integer(13)]).join('');
    const texts = Array.from({ length: 200 }, () => letters(24)).flatMap((text) => [text, text + letters(5)]);
    const options = { numHashes: 128, recall: 0.5 };
    const foundBy = async (seed: number): Promise<Set<number>> =>
      new Set((await find(texts, { ...options, seed })).pairs.map(({ a }) => a));
    const [first, second] = [await foundBy(0), await foundBy(1)];
    const missed = [...Array(200).keys()].map((i) => 2 * i).filter((a) => !first.has(a));
    expect(missed.length).toBeGreaterThan(20);
    expect(missed.filter((a) => second.has(a)).length).toBeGreaterThan(missed.length / 4);
  });

  it('can be looked for at the smallest and largest thresholds that a config may name', () => {
    for (const least of [0.05, 1]) expect(chooseBands(least, 256, 0.995).bands).toBeGreaterThan(0);
  });

  it('refuse options out of range', async () => {
    await expect(find(['a'], { shingleLength: 0 })).rejects.toMatchObject({ code: 'USAGE' });
    await expect(find(['a'], { numHashes: 100 })).rejects.toMatchObject({ code: 'USAGE' });
  });

  it.each([0, 1])('end when they are interrupted, before or meanwhile, with %d threads', async (threads) => {
    const texts = randomTexts(3, 10);
    await expect(find(texts, { threads, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'INTERRUPTED',
    });
    const controller = new AbortController();
    setImmediate(() => controller.abort());
    await expect(find(texts, { threads, signal: controller.signal })).rejects.toMatchObject({
      code: 'INTERRUPTED',
    });
  });
});
