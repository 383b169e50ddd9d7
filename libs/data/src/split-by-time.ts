import type { SplitConfig } from '@assay/config';
import { positionsByUnit, type Assignment, type SplitKey } from './split-key.js';

const WINDOWS = ['train', 'validation', 'test'] as const;
type Window = (typeof WINDOWS)[number];
type WindowFractions = Extract<SplitConfig, { strategy: 'time' }>['fractions'];

/**
 * Cuts the records, sorted by time, into a train, a validation and a test window. A unit that lies in several windows
 * goes to the one that holds most of its records (the later of equals); its records in other windows are purged.
 * So no unit crosses a cut, and no record of an earlier split is newer than one of a later split.
 */
export function splitByTime(keys: readonly SplitKey[], fractions: WindowFractions): Assignment[] {
  const windows = timeWindows(keys, fractions);
  const assigned: Assignment[] = [...windows];
  for (const positions of positionsByUnit(keys).values()) {
    const counts = WINDOWS.map(
      (window) => positions.filter((position) => windows[position] === window).length,
    );
    const home = WINDOWS[counts.lastIndexOf(Math.max(...counts))];
    for (const position of positions) if (windows[position] !== home) assigned[position] = 'purged';
  }
  return assigned;
}

/** Window of every record by its rank in time; equal times are ranked by id, so that the order of rows does not count. */
function timeWindows(keys: readonly SplitKey[], fractions: WindowFractions): Window[] {
  const order = keys
    .map(({ timeMs, id }, position) => ({ timeMs: timeMs ?? 0, id, position }))
    .sort((a, b) => a.timeMs - b.timeMs || (a.id < b.id ? -1 : 1));
  const trainEnd = Math.round(keys.length * fractions.train);
  const validationEnd = Math.round(keys.length * (fractions.train + fractions.validation));
  const windows: Window[] = new Array<Window>(keys.length).fill('train');
  for (const [rank, { position }] of order.entries()) {
    if (rank >= trainEnd) windows[position] = rank < validationEnd ? 'validation' : 'test';
  }
  return windows;
}
