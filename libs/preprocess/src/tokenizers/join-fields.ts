import type { SpecialIds } from './special-ids.js';

/**
 * One sequence of several texts: the special ids before, then each text with the special ids behind it. When there is not
 * room for all, the longest texts are cut, to equal lengths.
 *
 * @param texts ids of the tokens of each
 * @param maxTokens most ids of the sequence, special ones among them
 */
export function joinFields(
  texts: readonly (readonly number[])[],
  { before, after }: SpecialIds,
  maxTokens: number,
): number[] {
  const room = maxTokens - before.length - texts.length * after.length;
  const lengths = shares(
    texts.map(({ length }) => length),
    room,
  );
  return [...before, ...texts.flatMap((ids, i) => [...ids.slice(0, lengths[i]), ...after])];
}

/** How much each gets when they take turns until there is no room. */
export function shares(lengths: readonly number[], room: number): number[] {
  const total = (limit: number): number => lengths.reduce((sum, length) => sum + Math.min(length, limit), 0);
  if (total(Infinity) <= room) return [...lengths];
  let limit = 0;
  while (total(limit + 1) <= room) limit += 1;
  let left = room - total(limit);
  return lengths.map((length) => {
    const isLonger = length > limit && left > 0;
    if (isLonger) left -= 1;
    return Math.min(length, limit) + Number(isLonger);
  });
}
