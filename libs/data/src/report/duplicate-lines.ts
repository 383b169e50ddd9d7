import { join } from 'node:path';
import type { DuplicateKind } from '../duplicates/find-duplicates.js';
import { readJsonLines } from '../json-lines.js';

/** A line of `duplicates.jsonl`: a text or image, and one like it, with the ids of the records that have them. */
export interface DuplicateLine {
  kind: DuplicateKind;
  similarity: number;
  a: string[];
  b: string[];
  /** Id of the record that was there first. */
  first: string;
  /** ISO 8601, or null when it has no time. */
  firstSeen: string | null;
  /** Whether labels of these records contradict each other. */
  labelsDiffer: boolean;
}

export const readDuplicateLines = (dir: string): AsyncGenerator<DuplicateLine> =>
  readJsonLines<DuplicateLine>(join(dir, 'duplicates.jsonl'));

export const DUPLICATE_KINDS = [
  'equal text',
  'near text',
  'equal image',
  'near image',
  'mirrored image',
] as const satisfies readonly DuplicateKind[];

/** How many lines are of a kind, and how alike what they link is. */
export interface KindSummary {
  kind: DuplicateKind;
  count: number;
  minSimilarity: number;
  maxSimilarity: number;
}

/** Sums up lines by their kind. */
export class KindCounts {
  readonly #kinds = new Map<DuplicateKind, KindSummary>();

  add({ kind, similarity }: Pick<DuplicateLine, 'kind' | 'similarity'>): void {
    const { count, minSimilarity, maxSimilarity } = this.#kinds.get(kind) ?? {
      count: 0,
      minSimilarity: similarity,
      maxSimilarity: similarity,
    };
    this.#kinds.set(kind, {
      kind,
      count: count + 1,
      minSimilarity: Math.min(minSimilarity, similarity),
      maxSimilarity: Math.max(maxSimilarity, similarity),
    });
  }

  /** In the order of `DUPLICATE_KINDS`; kinds without lines are left out. */
  summaries(): KindSummary[] {
    return DUPLICATE_KINDS.flatMap((kind) => this.#kinds.get(kind) ?? []);
  }
}
