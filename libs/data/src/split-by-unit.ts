import { dealUnits, type SplitUnit } from './deal-units.js';
import { positionsByUnit, type Fractions, type Split, type SplitKey } from './split-key.js';
import type { Random } from '@assay/core';

/** Deals records by whole units, with labels spread in proportion as well as units allow. */
export function splitByUnit(keys: readonly SplitKey[], fractions: Fractions, random: Random): Split[] {
  const units = [...positionsByUnit(keys)].map(([name, positions]): SplitUnit => ({
    name,
    positions,
    amounts: amountsOf(keys, positions),
  }));
  const dealt = dealUnits(units, fractions, random);
  const assigned = new Array<Split>(keys.length).fill('train');
  for (const [i, { positions }] of units.entries())
    for (const position of positions) assigned[position] = dealt[i] ?? 'train';
  return assigned;
}

/**
 * Number of records, then for each class how much of it they are, how much they are not, and how many are unknown. Labels
 * are added up by id: sums of fractions round in another way in another order, and the order of rows must not count.
 */
function amountsOf(keys: readonly SplitKey[], positions: readonly number[]): number[] {
  const numClasses = keys[0]?.labels.length ?? 0;
  const amounts = new Array<number>(1 + 3 * numClasses).fill(0);
  amounts[0] = positions.length;
  const members = positions
    .flatMap((position) => keys[position] ?? [])
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  for (const { labels } of members) {
    for (const [k, label] of labels.entries()) {
      const add = (at: number, amount: number): void => {
        amounts[1 + 3 * k + at] = (amounts[1 + 3 * k + at] ?? 0) + amount;
      };
      add(0, label ?? 0);
      add(1, label === null ? 0 : 1 - label);
      add(2, Number(label === null));
    }
  }
  return amounts;
}
