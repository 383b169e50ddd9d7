import type { SplitConfig } from '@assay/config';
import type { Assignment, SplitKey } from './split-key.js';

const WINDOWS = ['train', 'validation', 'test'] as const;
type WindowFractions = Extract<SplitConfig, { strategy: 'time' }>['fractions'];

/**
 * Cuts the records, sorted by time, into a train, a validation and a test window. A unit that lies in several windows
 * goes to the one that holds most of its records (the later of equals); its records in other windows are purged.
 * So no unit crosses a cut, and no record of an earlier split is newer than one of a later split.
 *
 * The cuts are moved until the records that are kept have the fractions, as far as the units allow.
 */
export function splitByTime(keys: readonly SplitKey[], fractions: WindowFractions): Assignment[] {
  const timeline = new Timeline(keys);
  const cuts = bestCuts(timeline, fractions);
  const home_U = timeline.homes(cuts);
  const assigned = new Array<Assignment>(keys.length).fill('purged');
  for (const [rank, position] of timeline.position_N.entries()) {
    const window = windowOf(rank, cuts);
    if (home_U[timeline.unit_N[rank] ?? 0] === window) assigned[position] = WINDOWS[window] ?? 'purged';
  }
  return assigned;
}

/** Ranks at which the validation and the test window begin. */
interface Cuts {
  validation: number;
  test: number;
}

const windowOf = (rank: number, { validation, test }: Cuts): 0 | 1 | 2 =>
  rank < validation ? 0 : rank < test ? 1 : 2;

/** Records by time; of equal times by id, so that the order of rows does not count. */
class Timeline {
  readonly position_N: Int32Array;
  /** Number of the unit by rank. */
  readonly unit_N: Int32Array;
  readonly #numUnits: number;

  constructor(keys: readonly SplitKey[]) {
    const order = keys
      .map(({ timeMs, id, unit }, position) => ({ timeMs: timeMs ?? 0, id, unit, position }))
      .sort((a, b) => a.timeMs - b.timeMs || (a.id < b.id ? -1 : 1));
    const units = new Map<string, number>();
    this.position_N = Int32Array.from(order, ({ position }) => position);
    this.unit_N = Int32Array.from(order, ({ unit }) => {
      const number = units.get(unit) ?? units.size;
      units.set(unit, number);
      return number;
    });
    this.#numUnits = units.size;
  }

  /** The window of each unit. */
  homes(cuts: Cuts): Uint8Array {
    const count_UW = this.#countByUnit(cuts);
    return Uint8Array.from({ length: this.#numUnits }, (_, unit) => {
      const counts = count_UW.subarray(3 * unit, 3 * unit + 3);
      return counts.lastIndexOf(Math.max(...counts));
    });
  }

  /** Records of each window that are kept. */
  kept(cuts: Cuts): [number, number, number] {
    const count_UW = this.#countByUnit(cuts);
    const kept: [number, number, number] = [0, 0, 0];
    for (let at = 0; at < count_UW.length; at += 3) {
      const [a = 0, b = 0, c = 0] = [count_UW[at], count_UW[at + 1], count_UW[at + 2]];
      if (c >= a && c >= b) kept[2] += c;
      else if (b >= a) kept[1] += b;
      else kept[0] += a;
    }
    return kept;
  }

  #countByUnit(cuts: Cuts): Int32Array {
    const count_UW = new Int32Array(3 * this.#numUnits);
    for (let rank = 0; rank < this.unit_N.length; rank++) {
      const at = 3 * (this.unit_N[rank] ?? 0) + windowOf(rank, cuts);
      count_UW[at] = (count_UW[at] ?? 0) + 1;
    }
    return count_UW;
  }
}

const ROUNDS = 3;

function bestCuts(timeline: Timeline, fractions: WindowFractions): Cuts {
  const numRows = timeline.unit_N.length;
  const { train, validation } = fractions;
  let cuts: Cuts = {
    validation: Math.round(numRows * train),
    test: Math.round(numRows * (train + validation)),
  };
  const sharesAt = (at: Cuts): number[] => {
    const kept = timeline.kept(at);
    const total = kept[0] + kept[1] + kept[2];
    return kept.map((count) => count / Math.max(1, total));
  };
  const costAt = (at: Cuts): number => {
    const shares = sharesAt(at);
    if (shares.some((share) => share === 0)) return Infinity;
    return Math.max(...WINDOWS.map((window, w) => Math.abs((shares[w] ?? 0) - fractions[window])));
  };
  let best = { cuts, cost: costAt(cuts) };
  for (let round = 0; round < ROUNDS && best.cost > 1 / numRows; round++) {
    const { validation: first } = cuts;
    const test = firstRank(first + 1, numRows - 1, (rank) => {
      return (sharesAt({ validation: first, test: rank })[2] ?? 0) <= fractions.test;
    });
    const begin = firstRank(1, test - 1, (rank) => {
      return (sharesAt({ validation: rank, test })[1] ?? 0) <= fractions.validation;
    });
    cuts = { validation: begin, test };
    const cost = costAt(cuts);
    if (cost < best.cost) best = { cuts, cost };
  }
  return best.cuts;
}

/** The first of some ranks for which a condition holds, if it holds for all after it; else the last. */
function firstRank(low: number, high: number, holds: (rank: number) => boolean): number {
  let [first, last] = [low, Math.max(low, high)];
  while (first < last) {
    const middle = (first + last) >> 1;
    if (holds(middle)) last = middle;
    else first = middle + 1;
  }
  return first;
}
