import type { SplitConfig } from '@assay/config';
import type { Random } from '@assay/core';
import { splitByGroup } from './split-by-group.js';
import { splitByTime } from './split-by-time.js';
import type { Assignment, Split, SplitKey } from './split-key.js';

/**
 * Deals records to train, validation and test by the strategy, and then moves a part of validation to `calibration`,
 * whole groups at a time: thresholds are proven on records that chose neither the epoch nor the temperature.
 * The order of the records does not matter.
 *
 * @param keys one per record
 * @returns one assignment per record, in the same order
 */
export function assignSplits(config: SplitConfig, keys: readonly SplitKey[], random: Random): Assignment[] {
  const dealt = dealByStrategy(config, keys, random);
  const { calibrationFraction: calibration } = config;
  // The strategy 'hash' keeps equal texts together, so here they move together, too.
  const groupOf = ({ group, textSha1 }: SplitKey): string | null =>
    group ?? (config.strategy === 'hash' ? textSha1 : null);
  const units = keys.map((key) => ({ ...key, group: groupOf(key) }));
  return carve(dealt, units, 'validation', {
    fractions: { validation: 1 - calibration, calibration },
    random: random.fork('calibration'),
  });
}

function dealByStrategy(config: SplitConfig, keys: readonly SplitKey[], random: Random): Assignment[] {
  switch (config.strategy) {
    case 'time':
      return splitByTime(keys, config.fractions);
    case 'group':
      return splitByGroup(keys, config.fractions, random);
    case 'random':
      return splitByGroup(
        keys.map((key) => ({ ...key, group: null })),
        config.fractions,
        random,
      );
    case 'hash':
      return keys.map(({ textSha1 }) => splitByHash(textSha1, config));
    case 'column':
      return splitByColumn(config, keys, random);
  }
}

interface CarveOptions {
  fractions: Partial<Record<Split, number>>;
  random: Random;
}

/** Deals the records of one split anew, by group. */
function carve<T extends Assignment>(
  dealt: readonly T[],
  keys: readonly SplitKey[],
  from: Split,
  { fractions, random }: CarveOptions,
): (T | Split)[] {
  const members = keys.flatMap((key, position) => (dealt[position] === from ? [{ key, position }] : []));
  const carved = splitByGroup(
    members.map(({ key }) => key),
    fractions,
    random,
  );
  const result: (T | Split)[] = [...dealt];
  for (const [i, { position }] of members.entries()) result[position] = carved[i] ?? from;
  return result;
}

function splitByHash(
  textSha1: string,
  { modulus, test, validation }: Extract<SplitConfig, { strategy: 'hash' }>,
): Split {
  const remainder = Number(BigInt(`0x${textSha1}`) % BigInt(modulus));
  if (test.includes(remainder)) return 'test';
  return validation.includes(remainder) ? 'validation' : 'train';
}

function splitByColumn(
  config: Extract<SplitConfig, { strategy: 'column' }>,
  keys: readonly SplitKey[],
  random: Random,
): Split[] {
  const named = keys.map(({ splitValue = '' }): Split => {
    if (config.test.includes(splitValue)) return 'test';
    return config.validation.includes(splitValue) ? 'validation' : 'train';
  });
  if (config.validation.length > 0) return named;
  const { validationFraction: validation } = config;
  return carve(named, keys, 'train', { fractions: { train: 1 - validation, validation }, random });
}
