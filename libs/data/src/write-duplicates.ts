import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { DuplicateLink } from './duplicates/find-duplicates.js';
import type { UnionFind } from './duplicates/union-find.js';
import { jsonLines } from './json-lines.js';
import type { SplitKey } from './split-key.js';

type Key = Pick<SplitKey, 'id' | 'timeMs' | 'labels'>;

/**
 * Writes what records have in common: `duplicates.jsonl`, a line a text or image that several have or that is like another,
 * of large families those lines that hold them together, and `components.jsonl`, a line a set of records that duplicates
 * and groups hold together. Each line names the record that was there first, by time, then by row: a copy is no proof of
 * who copied. A line of `duplicates.jsonl` also says whether labels of its records contradict each other.
 *
 * @returns number of lines of `duplicates.jsonl` whose labels do
 */
export async function writeDuplicates(
  dir: string,
  { keys, links, sets }: { keys: readonly Key[]; links: readonly DuplicateLink[]; sets: UnionFind },
): Promise<number> {
  const idsOf = (records: readonly number[]): string[] => records.map((record) => keys[record]?.id ?? '');
  let numDiffering = 0;
  function* linkLines(): Generator<object> {
    for (const { kind, similarity, a, b } of links) {
      const labelsDiffer = contradict([...a, ...b].map((record) => keys[record]?.labels ?? []));
      numDiffering += Number(labelsDiffer);
      yield {
        ...{ kind, similarity: Math.round(similarity * 1e4) / 1e4, a: idsOf(a), b: idsOf(b) },
        ...firstOf(keys, [...a, ...b]),
        labelsDiffer,
      };
    }
  }
  function* setLines(): Generator<object> {
    for (const records of sets.components()) yield { ids: idsOf(records), ...firstOf(keys, records) };
  }
  await write(join(dir, 'duplicates.jsonl'), linkLines());
  await write(join(dir, 'components.jsonl'), setLines());
  return numDiffering;
}

/** Whether a class is rather yes for one record and rather no for another; unknown labels contradict nothing. */
function contradict(labels: readonly (readonly (number | null)[])[]): boolean {
  return (labels[0] ?? []).some((_, k) => {
    const known = labels.flatMap((ofRecord) => ofRecord[k] ?? []);
    return known.some((label) => label >= 0.5) && known.some((label) => label < 0.5);
  });
}

const write = (path: string, lines: Iterable<unknown>): Promise<void> =>
  pipeline(Readable.from(jsonLines(lines)), createWriteStream(path));

/** The earliest of some records; those without a time come last. */
function firstOf(
  keys: readonly Key[],
  records: readonly number[],
): { first: string; firstSeen: string | null } {
  const timeOf = (record: number): number => keys[record]?.timeMs ?? Infinity;
  const first = records.reduce((best, record) =>
    timeOf(record) < timeOf(best) || (timeOf(record) === timeOf(best) && record < best) ? record : best,
  );
  const { id = '', timeMs = null } = keys[first] ?? {};
  return { first: id, firstSeen: timeMs === null ? null : new Date(timeMs).toISOString() };
}
