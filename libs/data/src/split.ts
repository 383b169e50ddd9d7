import type { SplitConfig } from '@assay/config';
import type { Random } from '@assay/core';
import { splitByTime } from './split-by-time.js';
import { splitByUnit } from './split-by-unit.js';
import {
  positionsByUnit,
  SPLITS,
  type Assignment,
  type Fractions,
  type Split,
  type SplitKey,
} from './split-key.js';

/**
 * Deals records to train, validation and test by the strategy, with a part of validation as `calibration`: thresholds are
 * proven on records that chose neither the epoch nor the temperature. Units stay whole. The order of the
 * records does not matter.
 *
 * @param keys one per record
 * @param allowLeak lets the strategies `random` and `column` tear units, as they would without any
 * @returns one assignment per record, in the same order; `purged` where a unit would cross the splits that time or a
 *   column give
 */
export function assignSplits(
  config: SplitConfig,
  keys: readonly SplitKey[],
  random: Random,
  allowLeak = false,
): Assignment[] {
  const tears = allowLeak && (config.strategy === 'random' || config.strategy === 'column');
  const units = tears ? keys.map((key) => ({ ...key, unit: key.id })) : keys;
  const { calibrationFraction } = config;
  const halves = (fraction: number): Fractions => ({
    validation: fraction * (1 - calibrationFraction),
    calibration: fraction * calibrationFraction,
  });
  const withCalibration = (dealt: readonly Assignment[]): Assignment[] =>
    carve(dealt, units, 'validation', { fractions: halves(1), random: random.fork('calibration') });
  switch (config.strategy) {
    case 'time':
      return withCalibration(splitByTime(units, config.fractions));
    case 'group':
    case 'random': {
      const { train, validation, test } = config.fractions;
      return splitByUnit(units, { train, ...halves(validation), test }, random);
    }
    case 'hash':
      return withCalibration(splitByHash(config, units));
    case 'column': {
      const assigned = splitByColumn(config, units);
      if (config.validation.length > 0) return withCalibration(assigned);
      const { validationFraction: validation } = config;
      const fractions = { train: 1 - validation, ...halves(validation) };
      return carve(assigned, units, 'train', { fractions, random });
    }
  }
}

interface CarveOptions {
  fractions: Fractions;
  random: Random;
}

/** Deals the records of one split anew, by unit. */
function carve(
  dealt: readonly Assignment[],
  keys: readonly SplitKey[],
  from: Split,
  { fractions, random }: CarveOptions,
): Assignment[] {
  const members = keys.flatMap((key, position) => (dealt[position] === from ? [{ key, position }] : []));
  const carved = splitByUnit(
    members.map(({ key }) => key),
    fractions,
    random,
  );
  const result = [...dealt];
  for (const [i, { position }] of members.entries()) result[position] = carved[i] ?? from;
  return result;
}

/** A unit goes where the text of its first record by id goes. */
function splitByHash(
  { modulus, test, validation }: Extract<SplitConfig, { strategy: 'hash' }>,
  keys: readonly SplitKey[],
): Split[] {
  const splitOf = (textSha1: string): Split => {
    const remainder = Number(BigInt(`0x${textSha1}`) % BigInt(modulus));
    if (test.includes(remainder)) return 'test';
    return validation.includes(remainder) ? 'validation' : 'train';
  };
  const assigned = new Array<Split>(keys.length).fill('train');
  for (const positions of positionsByUnit(keys).values()) {
    const members = positions.flatMap((position) => keys[position] ?? []);
    const first = members.reduce((a, b) => (b.id < a.id ? b : a));
    for (const position of positions) assigned[position] = splitOf(first.textSha1);
  }
  return assigned;
}

/** A unit that lies in several splits stays in the last of them: what is measured on is as the column says. */
function splitByColumn(
  config: Extract<SplitConfig, { strategy: 'column' }>,
  keys: readonly SplitKey[],
): Assignment[] {
  const named = keys.map(({ splitValue = '' }): Split => {
    if (config.test.includes(splitValue)) return 'test';
    return config.validation.includes(splitValue) ? 'validation' : 'train';
  });
  const assigned: Assignment[] = [...named];
  for (const positions of positionsByUnit(keys).values()) {
    const home = SPLITS.findLast((split) => positions.some((position) => named[position] === split));
    for (const position of positions) if (named[position] !== home) assigned[position] = 'purged';
  }
  return assigned;
}
