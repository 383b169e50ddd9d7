import type { SplitConfig } from '@assay/config';
import type { Random } from '@assay/core';
import { splitByTime } from './split-by-time.js';
import {
  SPLITS,
  positionsByGroup,
  type Assignment,
  type Fractions,
  type Split,
  type SplitKey,
} from './split-key.js';

/**
 * Deals records to splits.
 *
 * @param keys one per record
 * @returns one assignment per record, in the same order
 */
export function assignSplits(config: SplitConfig, keys: readonly SplitKey[], random: Random): Assignment[] {
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

/**
 * Deals whole groups in an order shuffled by seed. Each goes to the split that lacks the largest part of its share, of
 * those where it fits; a group that fits nowhere goes to the one that lacks most records. So a giant group does not
 * swallow a small split, and small splits get several groups. A record without group stands alone.
 */
export function splitByGroup(keys: readonly SplitKey[], fractions: Fractions, random: Random): Split[] {
  const groups = random.shuffle([...positionsByGroup(keys).values()]);
  const shares = SPLITS.filter((split) => fractions[split] > 0).map((split): Share => {
    const target = fractions[split] * keys.length;
    return { split, target, missing: target };
  });
  const assigned: Split[] = new Array<Split>(keys.length).fill('train');
  for (const positions of groups) {
    const home = homeOf(positions.length, shares);
    home.missing -= positions.length;
    for (const position of positions) assigned[position] = home.split;
  }
  return assigned;
}

interface Share {
  split: Split;
  /** Number of records that the split should have. */
  target: number;
  /** Number of records that it still lacks; negative when it has too many. */
  missing: number;
}

function homeOf(size: number, shares: Share[]): Share {
  const roomy = shares.filter(({ missing }) => missing >= size);
  if (roomy.length > 0) return largest(roomy, ({ missing, target }) => missing / target);
  return largest(shares, ({ missing }) => missing);
}

/** The first item with the largest value. */
const largest = <T>(items: readonly T[], valueOf: (item: T) => number): T =>
  items.reduce((best, item) => (valueOf(item) > valueOf(best) ? item : best));

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
  const inTrain = keys.flatMap((key, position) => (named[position] === 'train' ? [{ key, position }] : []));
  const { validationFraction: validation } = config;
  const carved = splitByGroup(
    inTrain.map(({ key }) => key),
    { train: 1 - validation, validation, test: 0 },
    random,
  );
  for (const [i, { position }] of inTrain.entries()) named[position] = carved[i] ?? 'train';
  return named;
}
