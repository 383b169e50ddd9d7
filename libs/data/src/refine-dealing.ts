import type { SplitUnit } from './deal-units.js';

/** A dealing that may be improved. */
interface Dealing {
  units: readonly SplitUnit[];
  /** Split of each unit, as a position in `fractions`; changed in place. */
  home_U: Int32Array;
  /** Share of each split; they add up to 1. */
  fractions: readonly number[];
}

/** Units beyond these are so small that greedy dealing places them well. */
const MOVED_UNITS = 256;
const SWAPPED_UNITS = 64;
/** Each lowers the deviation, so there is an end; this one is for time. */
const MAX_STEPS = 1000;

/**
 * Moves a unit to another split, or swaps two, as long as that brings amounts nearer to the fractions: always the step that
 * helps most. Only the first units, in the given order, are looked at. No split becomes empty.
 *
 * The deviation is Σ over amounts and splits of (share of the amount in the split − fraction)² / fraction: Pearson's χ² of
 * each amount, divided by its total, so that rare labels count as much as common ones.
 */
export function refineDealing({ units, home_U, fractions }: Dealing): void {
  const state = new DealtAmounts({ units, home_U, fractions });
  for (let step = 0; step < MAX_STEPS; step++) {
    const best = bestStep(state, Math.min(units.length, MOVED_UNITS), fractions.length);
    if (best === null) return;
    for (const { unit, to } of best) state.move(unit, to);
  }
}

interface Move {
  unit: number;
  to: number;
}

/** Less is noise of rounding. */
const LEAST_GAIN = 1e-12;

function bestStep(state: DealtAmounts, numUnits: number, numSplits: number): Move[] | null {
  let best: { moves: Move[]; gain: number } | null = null;
  const consider = (moves: Move[]): void => {
    const gain = state.gainOf(moves);
    if (gain > (best?.gain ?? LEAST_GAIN)) best = { moves, gain };
  };
  for (let unit = 0; unit < numUnits; unit++)
    for (let to = 0; to < numSplits; to++)
      if (to !== state.homeOf(unit) && !state.isAlone(unit)) consider([{ unit, to }]);
  for (let a = 0; a < Math.min(numUnits, SWAPPED_UNITS); a++)
    for (let b = a + 1; b < Math.min(numUnits, SWAPPED_UNITS); b++)
      if (state.homeOf(a) !== state.homeOf(b))
        consider([
          { unit: a, to: state.homeOf(b) },
          { unit: b, to: state.homeOf(a) },
        ]);
  return (best as { moves: Move[] } | null)?.moves ?? null; // set by `consider`
}

class DealtAmounts {
  readonly #home_U: Int32Array;
  readonly #fractions: readonly number[];
  /** Part of the total of each amount that a unit has. */
  readonly #parts: readonly Float64Array[];
  /** The same of each split. */
  readonly #shares: Float64Array[];
  readonly #numUnits: Int32Array;

  constructor({ units, home_U, fractions }: Dealing) {
    const numAmounts = units[0]?.amounts.length ?? 0;
    const totals = new Float64Array(numAmounts);
    for (const { amounts } of units) for (const [i, x] of amounts.entries()) totals[i] = (totals[i] ?? 0) + x;
    this.#home_U = home_U;
    this.#fractions = fractions;
    this.#parts = units.map(({ amounts }) => Float64Array.from(amounts, (x, i) => x / (totals[i] || 1)));
    this.#shares = fractions.map(() => new Float64Array(numAmounts));
    this.#numUnits = new Int32Array(fractions.length);
    for (const [unit, split] of home_U.entries()) this.#add(unit, split, 1);
  }

  homeOf(unit: number): number {
    return this.#home_U[unit] ?? 0;
  }

  isAlone(unit: number): boolean {
    return (this.#numUnits[this.homeOf(unit)] ?? 0) < 2;
  }

  move(unit: number, to: number): void {
    this.#add(unit, this.homeOf(unit), -1);
    this.#add(unit, to, 1);
    this.#home_U[unit] = to;
  }

  /** By how much the deviation falls. */
  gainOf(moves: readonly Move[]): number {
    const touched = [...new Set(moves.flatMap(({ unit, to }) => [this.homeOf(unit), to]))];
    let gain = 0;
    for (const split of touched) {
      const shares = this.#shares[split] ?? new Float64Array(0);
      const fraction = this.#fractions[split] ?? 1;
      for (let i = 0; i < shares.length; i++) {
        const before = shares[i] ?? 0;
        let after = before;
        for (const { unit, to } of moves) {
          const part = this.#parts[unit]?.[i] ?? 0;
          if (to === split) after += part;
          if (this.homeOf(unit) === split) after -= part;
        }
        gain += ((before - fraction) ** 2 - (after - fraction) ** 2) / fraction;
      }
    }
    return gain;
  }

  #add(unit: number, split: number, sign: 1 | -1): void {
    const shares = this.#shares[split];
    const parts = this.#parts[unit];
    if (shares === undefined || parts === undefined) return;
    for (const [i, part] of parts.entries()) shares[i] = (shares[i] ?? 0) + sign * part;
    this.#numUnits[split] = (this.#numUnits[split] ?? 0) + sign;
  }
}
