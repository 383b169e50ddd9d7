import { sha256OfBytes, type Random } from '@assay/core';
import { refineDealing } from './refine-dealing.js';
import { SPLITS, type Fractions, type Split } from './split-key.js';

/** Records that must stay together. */
export interface SplitUnit {
  /** Seed and name give its place among equals, whatever the order of rows. */
  name: string;
  /** Positions of its records. */
  positions: number[];
  /** What the splits should share in proportion: the number of records first, then amounts of each kind of label. */
  amounts: readonly number[];
}

interface Share {
  split: Split;
  fraction: number;
  /** What the split should have of each amount. */
  targets: number[];
  /** What it still lacks; negative when it has too much. */
  missing: number[];
  units: SplitUnit[];
}

/**
 * Deals whole units so that sizes follow the fractions and every kind of label is spread in proportion, as well as units
 * allow. Units that hold most come first (the sum over amounts of the part of the total that is theirs), equal ones by a
 * seeded hash of their names. Each goes to the split that has most need of what it holds: Σ over amounts of (part of the
 * total in the unit) · (part of its target that the split lacks), of those where its records fit; a unit that fits nowhere
 * goes to the split that lacks most records. So a giant unit does not swallow a small split, and rare labels are dealt
 * before common ones. A split that would stay empty gets the smallest unit of the one that has most. Large units are then
 * moved and swapped as long as that helps.
 *
 * @param fractions share of the records per split; they add up to 1
 * @see Sechidis et al. 2011, "On the stratification of multi-label data", whose rule this extends to units
 */
export function dealUnits(units: readonly SplitUnit[], fractions: Fractions, random: Random): Split[] {
  const totals = sumOf(units);
  const shares = SPLITS.flatMap((split): Share[] => {
    const { [split]: fraction = 0 } = fractions;
    const targets = totals.map((total) => fraction * total);
    return fraction > 0 ? [{ split, fraction, targets, missing: [...targets], units: [] }] : [];
  });
  const parts = new Map(
    units.map((unit) => [unit, unit.amounts.map((amount, i) => amount / (totals[i] || 1))]),
  );
  const order = inDealingOrder(parts, random);
  for (const unit of order) {
    const home = homeOf(unit, parts.get(unit) ?? [], shares);
    home.missing = home.missing.map((missing, i) => missing - (unit.amounts[i] ?? 0));
    home.units.push(unit);
  }
  for (const share of shares) if (share.units.length === 0) giveSmallest(shares, share);
  const homeOfUnit = new Map(shares.flatMap(({ units: dealt }, home) => dealt.map((unit) => [unit, home])));
  const home_U = Int32Array.from(order, (unit) => homeOfUnit.get(unit) ?? 0);
  refineDealing({ units: order, home_U, fractions: shares.map(({ fraction }) => fraction) });
  const splitOf = new Map(order.map((unit, i) => [unit, shares[home_U[i] ?? 0]?.split]));
  return units.map((unit) => splitOf.get(unit) ?? 'train');
}

/** By name: sums of fractions round in another way in another order, and the order of rows must not count. */
function sumOf(units: readonly SplitUnit[]): number[] {
  const sorted = [...units].sort((a, b) => (a.name < b.name ? -1 : 1));
  return (sorted[0]?.amounts ?? []).map((_, i) =>
    sorted.reduce((sum, { amounts }) => sum + (amounts[i] ?? 0), 0),
  );
}

/** Largest parts first, then by the hash of seed and name: neither the order of rows nor other units change it. */
function inDealingOrder(parts: ReadonlyMap<SplitUnit, number[]>, random: Random): SplitUnit[] {
  const salt = random.word();
  return [...parts]
    .map(([unit, part]) => ({
      unit,
      part: part.reduce((sum, x) => sum + x, 0),
      rank: sha256OfBytes(`${salt} ${unit.name}`),
    }))
    .sort((a, b) => b.part - a.part || (a.rank < b.rank ? -1 : 1))
    .map(({ unit }) => unit);
}

function homeOf(unit: SplitUnit, part: readonly number[], shares: Share[]): Share {
  const size = unit.positions.length;
  const roomy = shares.filter(({ missing: [rows = 0] }) => rows >= size);
  if (roomy.length === 0) return largest(shares, ({ missing: [rows = 0] }) => rows);
  return largest(roomy, ({ missing, targets }) =>
    part.reduce((need, x, i) => need + (x * (missing[i] ?? 0)) / (targets[i] || 1), 0),
  );
}

function giveSmallest(shares: readonly Share[], empty: Share): void {
  const donor = largest(shares, ({ units }) => units.length);
  if (donor.units.length < 2) return;
  const smallest = largest(donor.units, ({ positions }) => -positions.length);
  donor.units.splice(donor.units.indexOf(smallest), 1);
  empty.units.push(smallest);
}

/** The first item with the largest value. */
const largest = <T>(items: readonly T[], valueOf: (item: T) => number): T =>
  items.reduce((best, item) => (valueOf(item) > valueOf(best) ? item : best));
