import { join } from 'node:path';
import fc from 'fast-check';
import { Random } from '@assay/core';
import { runReference, withReferences } from '@assay/testing';
import { dealUnits, type SplitUnit } from './deal-units.js';
import { splitByUnit } from './split-by-unit.js';
import { SPLITS, type Split, type SplitKey } from './split-key.js';

const THREE = { train: 0.5, validation: 0.25, test: 0.25 };
const deal = (units: readonly SplitUnit[], seed = 1): Split[] =>
  dealUnits(units, THREE, new Random(seed, 'deal'));
/** Units of so many records with so many positives. */
const unitsOf = (...sizes: [size: number, positives: number][]): SplitUnit[] =>
  sizes.map(([size, positives], i) => ({
    name: `u${i}`,
    positions: Array.from({ length: size }, (_, j) => 1000 * i + j),
    amounts: [size, positives],
  }));
const amountsOf = (units: readonly SplitUnit[], splits: readonly Split[]): number[][] =>
  SPLITS.map((split) =>
    units
      .filter((_, i) => splits[i] === split)
      .reduce(([rows = 0, positives = 0], { amounts: [a = 0, b = 0] }) => [rows + a, positives + b], [0, 0]),
  );

describe('units are dealt', () => {
  it('by size and label: a case by hand', () => {
    // 8 records, 4 positive: train takes 4 with 2 positive, the others 2 with 1 each.
    const units = unitsOf([2, 2], [1, 1], [1, 1], [2, 0], [1, 0], [1, 0]);
    expect(amountsOf(units, deal(units))).toEqual([
      [4, 2],
      [2, 1],
      [0, 0],
      [2, 1],
    ]);
  });

  it('so that a rare label comes to every split', () => {
    const units = unitsOf(...Array.from({ length: 400 }, (_, i): [number, number] => [1, Number(i < 8)]));
    for (const seed of [1, 2, 3])
      expect(amountsOf(units, deal(units, seed))).toEqual([
        [200, 4],
        [100, 2],
        [0, 0],
        [100, 2],
      ]);
  });

  it('so that a giant unit does not swallow a small split', () => {
    const units = unitsOf([60, 0], ...Array.from({ length: 40 }, (): [number, number] => [1, 0]));
    const [train, validation, , test] = amountsOf(units, deal(units));
    expect(train).toEqual([60, 0]);
    expect([validation?.[0], test?.[0]]).toEqual([20, 20]);
  });

  it('so that no split stays empty when there are enough units', () => {
    expect(new Set(deal(unitsOf([100, 0], [100, 0], [1, 0])))).toEqual(
      new Set(['train', 'validation', 'test']),
    );
  });

  it('the same whatever their order, and in another way with another seed', () => {
    const units = unitsOf(...Array.from({ length: 100 }, (_, i): [number, number] => [1 + (i % 3), i % 2]));
    const byName = (list: readonly SplitUnit[], seed: number): Record<string, Split> =>
      Object.fromEntries(deal(list, seed).map((split, i): [string, Split] => [list[i]!.name, split]));
    expect(byName([...units].reverse(), 1)).toEqual(byName(units, 1));
    expect(byName(units, 2)).not.toEqual(byName(units, 1));
  });

  it('the same whatever the order of shares of votes, whose sums round in another way in another order', () => {
    const random = new Random(11, 'votes');
    for (let round = 0; round < 100; round++) {
      const keys = Array.from({ length: 20 + random.integer(60) }, (_, i): SplitKey => {
        const labels = [0, 1].map(() => [0, 1, null, 0.3, 1 / 3][random.integer(5)] ?? null);
        return { id: `r${i}`, unit: `u${random.integer(12)}`, timeMs: null, textSha1: '0', labels };
      });
      const dealt = (list: readonly SplitKey[]): Record<string, Split> => {
        const splits = splitByUnit(
          list,
          { train: 0.7, validation: 0.15, test: 0.15 },
          new Random(round, 'deal'),
        );
        return Object.fromEntries(list.map(({ id }, i) => [id, splits[i] ?? 'train']));
      };
      const shuffled = keys
        .map((key) => ({ key, at: random.uniform() }))
        .sort((a, b) => a.at - b.at)
        .map(({ key }) => key);
      expect(dealt(shuffled)).toEqual(dealt(keys));
    }
  });

  it('whole and all, with sizes that miss their targets by less than the largest unit', () => {
    const units = fc
      .array(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.nat(30)), { minLength: 4, maxLength: 60 })
      .map((sizes) =>
        unitsOf(...sizes.map(([size, positives]): [number, number] => [size, Math.min(size, positives)])),
      );
    fc.assert(
      fc.property(units, fc.integer({ min: 1, max: 99 }), (list, seed) => {
        const splits = deal(list, seed);
        expect(splits).toHaveLength(list.length);
        const rows = list.reduce((sum, { positions }) => sum + positions.length, 0);
        const largest = Math.max(...list.map(({ positions }) => positions.length));
        const [train, validation, calibration, test] = amountsOf(list, splits).map(([size = 0]) => size);
        expect(calibration).toBe(0);
        expect(Math.abs((validation ?? 0) - rows / 4)).toBeLessThanOrEqual(largest);
        expect(Math.abs((test ?? 0) - rows / 4)).toBeLessThanOrEqual(largest);
        expect((train ?? 0) + (validation ?? 0) + (test ?? 0)).toBe(rows);
      }),
    );
  });
});

(withReferences ? describe : describe.skip)('beside StratifiedGroupKFold', () => {
  const NUM_ROWS = 2000;
  const SCRIPT = join(__dirname, '../scripts/stratified-groups.py');
  /** Groups of uneven size, each with a rate of positives of its own. */
  const cases = [1, 2, 3, 4, 5, 6].map((seed) => {
    const random = new Random(seed, 'cases');
    const numGroups = [400, 100, 40][seed % 3]!;
    const rate = Array.from({ length: numGroups }, () => 0.3 * random.uniform() ** 2);
    const group = Array.from({ length: NUM_ROWS }, () => Math.floor(numGroups * random.uniform() ** 2));
    return { group, label: group.map((g) => Number(random.uniform() < rate[g]!)), folds: 4 };
  });

  it('sizes and rates miss their targets by less', () => {
    const folds = runReference(SCRIPT, { input: JSON.stringify(cases) }) as number[][]; // a fold per record
    const quarter = { train: 0.25, validation: 0.25, calibration: 0.25, test: 0.25 };
    for (const [i, { group, label }] of cases.entries()) {
      const units = [...new Set(group)].map((g): SplitUnit => {
        const positions = group.flatMap((other, row) => (other === g ? [row] : []));
        const positives = positions.reduce((sum, row) => sum + label[row]!, 0);
        return { name: `g${g}`, positions, amounts: [positions.length, positives] };
      });
      const splits = dealUnits(units, quarter, new Random(1, 'deal'));
      const ours = new Array<number>(NUM_ROWS);
      units.forEach(({ positions }, u) =>
        positions.forEach((row) => (ours[row] = SPLITS.indexOf(splits[u]!))),
      );
      const [own, peer] = [worstMisses(ours, label), worstMisses(folds[i]!, label)];
      expect(own.size).toBeLessThan(peer.size);
      expect(own.rate).toBeLessThan(peer.rate);
    }
  });
});

/** Largest differences between a fold and the whole: of the size from a quarter, and of the rate of positives. */
function worstMisses(folds: readonly number[], label: readonly number[]): { size: number; rate: number } {
  const mean = (rows: readonly number[]): number =>
    rows.reduce((sum, row) => sum + label[row]!, 0) / rows.length;
  const members = [0, 1, 2, 3].map((fold) => folds.flatMap((other, row) => (other === fold ? [row] : [])));
  const all = label.map((_, row) => row);
  return {
    size: Math.max(...members.map(({ length }) => Math.abs(length - label.length / 4))),
    rate: Math.max(...members.map((rows) => Math.abs(mean(rows) - mean(all)))),
  };
}
