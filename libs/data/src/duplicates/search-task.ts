import { searchCrowd } from './crowd-search.js';
import { hashItems, searchBand, sortBand, type LshSearch } from './lsh-search.js';
import type { PairColumns } from './pair-list.js';

/** A part of the work of a search. */
export type SearchTask =
  | { kind: 'hash'; from: number; to: number }
  | { kind: 'sort'; band: number }
  | { kind: 'crowd'; items: Uint32Array }
  | { kind: 'search'; band: number };

/**
 * Does a part of a search. Its result follows from the search alone, whatever thread does it.
 *
 * @yields between stretches of work
 */
export function* runTask(search: LshSearch, task: SearchTask): Generator<undefined, PairColumns | undefined> {
  if (task.kind === 'crowd') return yield* searchCrowd(search, task.items);
  if (task.kind === 'search') return searchBand(search, task.band);
  if (task.kind === 'hash') hashItems(search, task.from, task.to);
  else sortBand(search, task.band);
  return undefined;
}
