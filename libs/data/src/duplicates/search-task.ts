import { hashItems, searchBand, sortBand, type LshSearch, type PairColumns } from './lsh-search.js';

/** A part of the work of a search. */
export type SearchTask =
  | { kind: 'hash'; from: number; to: number }
  | { kind: 'sort'; band: number }
  | { kind: 'search'; band: number };

/** Does a part of a search. Its result follows from the search alone, whatever thread does it. */
export function runTask(search: LshSearch, task: SearchTask): PairColumns | undefined {
  if (task.kind === 'hash') hashItems(search, task.from, task.to);
  else if (task.kind === 'sort') sortBand(search, task.band);
  else return searchBand(search, task.band);
  return undefined;
}
