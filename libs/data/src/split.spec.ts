import { createHash } from 'node:crypto';
import type { SplitConfig } from '@assay/config';
import { Random } from '@assay/core';
import { assignSplits } from './split.js';
import { splitByUnit } from './split-by-unit.js';
import { SPLITS, type Assignment, type SplitKey } from './split-key.js';
import { textSha1 } from './text-key.js';

const FRACTIONS = { train: 0.5, validation: 0.25, test: 0.25 };
const HALF = { calibrationFraction: 0.5 };
/** A record that stands alone unless it has a group. */
type TestKey = SplitKey & { group: string | null };
const key = (values: Partial<TestKey> & { id: string }): TestKey => ({
  group: null,
  timeMs: null,
  textSha1: '0',
  labels: [],
  unit: typeof values.group === 'string' ? `group ${values.group}` : values.id,
  ...values,
});
const timed = (times: number[], groups: (string | null)[] = []): TestKey[] =>
  times.map((timeMs, i) => key({ id: `r${i}`, timeMs, group: groups[i] ?? null }));
const split = (config: SplitConfig, keys: SplitKey[], seed = 1, allowLeak = false): Assignment[] =>
  assignSplits(config, keys, new Random(seed, 'split'), allowLeak);
/** What the strategy dealt, before calibration was carved from validation. */
const dealt = (config: SplitConfig, keys: SplitKey[], seed = 1): Assignment[] =>
  split(config, keys, seed).map((name) => (name === 'calibration' ? 'validation' : name));
const assignmentById = (keys: SplitKey[], assigned: Assignment[]): Record<string, Assignment | undefined> =>
  Object.fromEntries(keys.map(({ id }, i) => [id, assigned[i]]));
const countOf = (assigned: Assignment[]): number[] =>
  SPLITS.map((name) => assigned.filter((value) => value === name).length);

/** Records with random groups of uneven size and random times. */
function randomKeys(seed: number): TestKey[] {
  const random = new Random(seed, 'keys');
  const numGroups = 1 + random.integer(30);
  return Array.from({ length: 20 + random.integer(100) }, (_, i) =>
    key({
      id: `r${i}`,
      timeMs: random.integer(50),
      group: random.bernoulli(0.2) ? null : `g${Math.floor(numGroups * random.uniform() ** 2)}`,
      splitValue: random.bernoulli(0.7) ? 'dev' : 'test',
    }),
  );
}

/** Splits in which each group lies; purged records do not count. */
function splitsOfGroups(keys: TestKey[], assigned: Assignment[]): Set<string>[] {
  const groups = new Map<string, Set<string>>();
  for (const [i, { group }] of keys.entries()) {
    if (group === null || assigned[i] === 'purged') continue;
    groups.set(group, (groups.get(group) ?? new Set()).add(assigned[i] ?? ''));
  }
  return [...groups.values()];
}

const SEEDS = Array.from({ length: 200 }, (_, i) => i);

describe('split by time', () => {
  const time: SplitConfig = { strategy: 'time', fractions: FRACTIONS, ...HALF };

  it('cuts the records in the order of time, not of rows', () => {
    expect(dealt(time, timed([40, 10, 30, 20]))).toEqual(['test', 'train', 'validation', 'train']);
  });

  it('gives a group to the window with most of its records and purges the rest', () => {
    // windows: 1 2 3 4 | 5 6 | 7 8; group a has 2, 0, 1 records there
    const groups = ['a', 'a', null, null, null, null, 'a', null];
    expect(dealt(time, timed([1, 2, 3, 4, 5, 6, 7, 8], groups))).toEqual([
      'train',
      'train',
      'train',
      'train',
      'validation',
      'validation',
      'purged',
      'test',
    ]);
  });

  it('gives a tied group to the later window', () => {
    const groups = ['a', null, null, null, 'a', null, null, null];
    expect(dealt(time, timed([1, 2, 3, 4, 5, 6, 7, 8], groups))[0]).toBe('purged');
    expect(dealt(time, timed([1, 2, 3, 4, 5, 6, 7, 8], groups))[4]).toBe('validation');
  });

  it('does not depend on the order of rows when times are equal', () => {
    const keys = timed([5, 5, 5, 5]);
    const reversed = [...keys].reverse();
    expect(assignmentById(reversed, split(time, reversed))).toEqual(assignmentById(keys, split(time, keys)));
  });

  it('gives the records that are kept the fractions, though a large group is left out of two windows', () => {
    const keys = timed(
      Array.from({ length: 1000 }, (_, i) => i),
      Array.from({ length: 1000 }, (_, i) => (i % 3 === 0 ? 'large' : null)),
    );
    const fractions = { train: 0.6, validation: 0.2, test: 0.2 };
    const assigned = dealt({ strategy: 'time', fractions, calibrationFraction: 0.5 }, keys);
    const shareOf = (name: string): number =>
      assigned.filter((each) => each === name).length / assigned.filter((each) => each !== 'purged').length;
    for (const [name, fraction] of Object.entries(fractions))
      expect(Math.abs(shareOf(name) - fraction)).toBeLessThan(0.01); // by rank alone: 0.69, 0.15 and 0.15
  });

  it('never tears a group or turns back time in 200 sets of random records', () => {
    for (const seed of SEEDS) {
      const keys = randomKeys(seed);
      const assigned = split(time, keys);
      for (const splits of splitsOfGroups(keys, assigned)) expect(splits.size).toBe(1);
      const windows = dealt(time, keys);
      const timesIn = (name: Assignment): number[] =>
        keys.flatMap(({ timeMs }, i) => (windows[i] === name ? [timeMs ?? 0] : []));
      expect(Math.max(...timesIn('train'))).toBeLessThanOrEqual(Math.min(Infinity, ...timesIn('validation')));
      expect(Math.max(-Infinity, ...timesIn('validation'))).toBeLessThanOrEqual(
        Math.min(Infinity, ...timesIn('test')),
      );
    }
  });
});

describe('split by group', () => {
  const group: SplitConfig = { strategy: 'group', fractions: FRACTIONS, ...HALF };

  it('never tears a group in 200 sets of random records', () => {
    for (const seed of SEEDS) {
      const keys = randomKeys(seed);
      for (const splits of splitsOfGroups(keys, split(group, keys, seed))) expect(splits.size).toBe(1);
    }
  });

  it('reaches the fractions exactly when every record stands alone', () => {
    const keys = Array.from({ length: 80 }, (_, i) => key({ id: `r${i}` }));
    expect(countOf(split(group, keys))).toEqual([40, 10, 10, 20]);
  });

  it('keeps a giant group out of the small splits and gives each of them several groups, whatever the seed', () => {
    const giant = Array.from({ length: 60 }, (_, i) => key({ id: `g${i}`, group: 'giant' }));
    const small = Array.from({ length: 40 }, (_, i) => key({ id: `s${i}`, group: `s${i % 10}` }));
    for (const seed of SEEDS) {
      const assigned = dealt(
        { strategy: 'group', fractions: { train: 0.7, validation: 0.15, test: 0.15 }, ...HALF },
        [...giant, ...small],
        seed,
      );
      expect(assigned[0]).toBe('train');
      for (const name of ['validation', 'test']) {
        const size = assigned.filter((value) => value === name).length;
        expect(size).toBeGreaterThanOrEqual(8);
        expect(size).toBeLessThanOrEqual(16);
      }
    }
  });

  it('spreads positive, negative and unknown labels in proportion', () => {
    const labels = Array.from({ length: 80 }, (_, i) => (i < 8 ? 1 : i < 24 ? null : 0));
    const keys = labels.map((label, i) => key({ id: `r${i}`, labels: [label] }));
    const assigned = dealt(group, keys);
    const countIn = (name: Assignment, value: number | null): number =>
      assigned.filter((split, i) => split === name && labels[i] === value).length;
    for (const [name, expected] of [
      ['train', [4, 8, 28]],
      ['validation', [2, 4, 14]],
      ['test', [2, 4, 14]],
    ] as const)
      expect([1, null, 0].map((value) => countIn(name, value))).toEqual(expected);
  });

  it('gives nothing to a split whose fraction is 0, even when the others are full', () => {
    const keys = ['a', 'a', 'b', 'b', 'c'].map((name, i) => key({ id: `r${i}`, group: name }));
    expect(splitByUnit(keys, { train: 0.6, validation: 0.4, test: 0 }, new Random(3, 'x'))).not.toContain(
      'test',
    );
  });

  it('leaves no split empty where there is a group for each', () => {
    // train takes the first group of 1 and validation the second; the third, too large for test, would go to train, too
    const sizes = { a: 1, b: 1, giant: 98 };
    const keys = Object.entries(sizes).flatMap(([name, size]) =>
      Array.from({ length: size }, (_, i) => key({ id: `${name}${i}`, group: name })),
    );
    for (const seed of SEEDS) {
      const assigned = splitByUnit(keys, { train: 0.7, validation: 0.15, test: 0.15 }, new Random(seed, 'x'));
      expect(new Set(assigned).size).toBe(3);
      expect(assigned[2]).toBe('train');
    }
  });

  it('does not change when the rows come in another order', () => {
    for (const seed of SEEDS.slice(0, 20)) {
      const keys = randomKeys(seed);
      const shuffled = new Random(seed, 'rows').shuffle(keys);
      for (const config of [group, { ...group, strategy: 'random' } as const])
        expect(assignmentById(shuffled, split(config, shuffled))).toEqual(
          assignmentById(keys, split(config, keys)),
        );
    }
  });

  it('depends on the seed only', () => {
    const keys = randomKeys(5);
    expect(split(group, keys, 1)).toEqual(split(group, keys, 1));
    expect(split(group, keys, 1)).not.toEqual(split(group, keys, 2));
  });
});

describe('a split that may leak', () => {
  const group = ['a', 'a', 'a', 'a', null, null, null, null];
  const keys = group.map((name, i) =>
    key({ id: `r${i}`, group: name, splitValue: i % 2 === 0 ? 'dev' : 'test' }),
  );
  const random: SplitConfig = { strategy: 'random', fractions: FRACTIONS, ...HALF };
  const column: SplitConfig = {
    ...{ strategy: 'column', column: 'part', train: ['dev'], validation: [], test: ['test'] },
    ...{ validationFraction: 0.5, ...HALF },
  };

  it('deals single records at random, and whole groups without that leave', () => {
    const splitsOf = (assigned: Assignment[]): number => new Set(assigned.slice(0, 4)).size;
    expect(splitsOf(split(random, keys, 1, true))).toBeGreaterThan(1);
    expect(splitsOf(split(random, keys))).toBe(1);
  });

  it('follows the column, and purges without that leave', () => {
    expect(split(column, keys, 1, true)).not.toContain('purged');
    expect(split(column, keys).filter((name) => name === 'purged')).toHaveLength(2);
  });

  it('keeps groups whole by other strategies all the same', () => {
    const whole = split({ ...random, strategy: 'group' }, keys, 1, true);
    expect(new Set(whole.slice(0, 4)).size).toBe(1);
  });
});

describe('split by hash', () => {
  it('takes SHA-1 of the text as a number modulo the modulus', () => {
    // sha1('abc') = a9993e36 4706816a ba3e2571 7850c26c 9cd0d89d, which is 2 modulo 5 (Python: int(hexdigest, 16) % 5)
    expect(textSha1({ text: 'abc' })).toBe('a9993e364706816aba3e25717850c26c9cd0d89d');
    const config = (test: number[], validation: number[]): SplitConfig => ({
      strategy: 'hash',
      modulus: 5,
      test,
      validation,
      ...HALF,
    });
    const keys = [key({ id: 'r', textSha1: textSha1({ text: 'abc' }) })];
    expect(dealt(config([2], [1]), keys)).toEqual(['test']);
    expect(dealt(config([0], [2]), keys)).toEqual(['validation']);
    expect(dealt(config([0], [1, 3, 4]), keys)).toEqual(['train']);
  });

  it('deals a unit by the text of its first record by id', () => {
    const config: SplitConfig = { strategy: 'hash', modulus: 10, test: [3], validation: [4], ...HALF };
    const keys = ['3', '4', '3'].map((textSha1, i) =>
      key({ id: `r${2 - i}`, group: i < 2 ? 'a' : null, textSha1 }),
    );
    expect(dealt(config, keys)).toEqual(['validation', 'validation', 'test']);
  });

  it('joins several fields by line breaks', () => {
    expect(textSha1({ title: 'a', tags: 'b' })).toBe(createHash('sha1').update('a\nb').digest('hex'));
  });
});

describe('split by column', () => {
  const config: SplitConfig = {
    strategy: 'column',
    column: 'part',
    train: ['dev'],
    validation: [],
    test: ['test'],
    validationFraction: 0.25,
    ...HALF,
  };

  it('follows the column', () => {
    const keys = ['dev', 'val', 'test'].map((splitValue, i) => key({ id: `r${i}`, splitValue }));
    expect(dealt({ ...config, validation: ['val'] }, keys)).toEqual(['train', 'validation', 'test']);
  });

  it('carves validation from train when the column has none', () => {
    const keys = Array.from({ length: 10 }, (_, i) =>
      key({ id: `r${i}`, splitValue: i < 8 ? 'dev' : 'test' }),
    );
    const assigned = dealt(config, keys);
    expect(assigned.slice(8)).toEqual(['test', 'test']);
    expect(assigned.filter((name) => name === 'validation')).toHaveLength(2);
  });

  it('purges what a unit has outside of the last split that it lies in', () => {
    const parts = ['dev', 'dev', 'val', 'dev', 'val', 'test'];
    const groups = ['a', 'b', 'b', 'c', 'c', 'c'];
    const keys = parts.map((splitValue, i) => key({ id: `r${i}`, splitValue, group: groups[i]! }));
    expect(dealt({ ...config, validation: ['val'] }, keys)).toEqual([
      'train',
      'purged',
      'validation',
      'purged',
      'purged',
      'test',
    ]);
  });

  it('tears no group and leaves the test split as it is in 200 sets of random records', () => {
    for (const seed of SEEDS) {
      const keys = randomKeys(seed);
      const assigned = split(config, keys, seed);
      for (const splits of splitsOfGroups(keys, assigned)) expect(splits.size).toBe(1);
      expect(assigned.map((name) => name === 'test')).toEqual(
        keys.map(({ splitValue }) => splitValue === 'test'),
      );
    }
  });
});

describe('the split calibration', () => {
  const config = (calibrationFraction: number): SplitConfig => ({
    strategy: 'column',
    column: 'part',
    train: ['dev'],
    validation: ['val'],
    test: ['test'],
    validationFraction: 0.15,
    calibrationFraction,
  });
  const validation = (groups: (string | null)[]): TestKey[] =>
    groups.map((group, i) => key({ id: `r${i}`, group, splitValue: 'val' }));

  it.each([
    [0.5, [0, 20, 20, 0]],
    [0.25, [0, 30, 10, 0]],
  ])('takes the share %d of the validation records', (fraction, expected) => {
    const keys = validation(new Array<null>(40).fill(null));
    expect(countOf(split(config(fraction), keys))).toEqual(expected);
  });

  it('takes whole groups', () => {
    for (const seed of SEEDS) {
      const keys = validation(randomKeys(seed).map(({ group }) => group));
      for (const splits of splitsOfGroups(keys, split(config(0.5), keys, seed))) expect(splits.size).toBe(1);
    }
  });

  it('is the same whatever the order of the rows', () => {
    const keys = validation(randomKeys(1).map(({ group }) => group));
    const shuffled = new Random(2, 'rows').shuffle(keys);
    expect(assignmentById(shuffled, split(config(0.5), shuffled))).toEqual(
      assignmentById(keys, split(config(0.5), keys)),
    );
  });

  it('comes from the validation window when the split is by time', () => {
    const assigned = split(
      { strategy: 'time', fractions: FRACTIONS, ...HALF },
      timed([1, 2, 3, 4, 5, 6, 7, 8]),
    );
    expect([assigned[4], assigned[5]].sort()).toEqual(['calibration', 'validation']);
  });

  it('keeps equal texts together when the split is by hash', () => {
    const keys = Array.from({ length: 40 }, (_, i) =>
      key({ id: `r${i}`, textSha1: String(i % 10), unit: `text ${i % 10}` }),
    );
    const assigned = split(
      { strategy: 'hash', modulus: 100, test: [50], validation: [0, 1, 2, 3], ...HALF },
      keys,
    );
    const byText = keys.map(({ textSha1: text }) => ({ ...key({ id: text }), group: text }));
    for (const splits of splitsOfGroups(byText, assigned)) expect(splits.size).toBe(1);
    expect(countOf(assigned)).toEqual([24, 8, 8, 0]);
  });

  it('stays empty when validation is one group', () => {
    expect(countOf(split(config(0.5), validation(['a', 'a', 'a'])))).toEqual([0, 3, 0, 0]);
  });
});
