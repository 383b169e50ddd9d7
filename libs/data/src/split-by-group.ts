import { sha256OfBytes, type Random } from '@assay/core';
import { SPLITS, positionsByGroup, type Fractions, type Split, type SplitKey } from './split-key.js';

interface Share {
  split: Split;
  /** Number of records that the split should have. */
  target: number;
  /** Number of records that it still lacks; negative when it has too many. */
  missing: number;
  /** Positions of the records of each of its groups. */
  groups: number[][];
}

/**
 * Deals whole groups in an order that seed and names give. Each goes to the split that lacks the largest part of its
 * share, of those where it fits; a group that fits nowhere goes to the one that lacks most records. So a giant group
 * does not swallow a small split, and small splits get several groups. A split that would stay empty gets the smallest
 * group of the one that has most. A record without group stands alone.
 */
export function splitByGroup(keys: readonly SplitKey[], fractions: Fractions, random: Random): Split[] {
  const shares = SPLITS.flatMap((split): Share[] => {
    const { [split]: fraction = 0 } = fractions;
    const target = fraction * keys.length;
    return fraction > 0 ? [{ split, target, missing: target, groups: [] }] : [];
  });
  for (const positions of inSeededOrder(positionsByGroup(keys), random)) {
    const home = homeOf(positions.length, shares);
    home.missing -= positions.length;
    home.groups.push(positions);
  }
  for (const share of shares) if (share.groups.length === 0) giveSmallest(shares, share);
  const assigned: Split[] = new Array<Split>(keys.length).fill('train');
  for (const { split, groups } of shares) for (const position of groups.flat()) assigned[position] = split;
  return assigned;
}

/** The groups by a seeded hash of their names, so that neither the order of rows nor other groups change it. */
function inSeededOrder(groups: ReadonlyMap<string, number[]>, random: Random): number[][] {
  const salt = random.word();
  return [...groups]
    .map(([name, positions]) => ({ positions, rank: sha256OfBytes(`${salt} ${name}`) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .map(({ positions }) => positions);
}

function homeOf(size: number, shares: Share[]): Share {
  const roomy = shares.filter(({ missing }) => missing >= size);
  if (roomy.length > 0) return largest(roomy, ({ missing, target }) => missing / target);
  return largest(shares, ({ missing }) => missing);
}

function giveSmallest(shares: readonly Share[], empty: Share): void {
  const donor = largest(shares, ({ groups }) => groups.length);
  if (donor.groups.length < 2) return;
  const smallest = largest(donor.groups, ({ length }) => -length);
  donor.groups.splice(donor.groups.indexOf(smallest), 1);
  empty.groups.push(smallest);
}

/** The first item with the largest value. */
const largest = <T>(items: readonly T[], valueOf: (item: T) => number): T =>
  items.reduce((best, item) => (valueOf(item) > valueOf(best) ? item : best));
