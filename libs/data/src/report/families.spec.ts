import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '@assay/core';
import { withTempDir } from '@assay/testing';
import type { Split } from '../split-key.js';
import type { DuplicateLine } from './duplicate-lines.js';
import { Families, type DuplicateFacts } from './families.js';
import { recordOf } from './prepared-record.fixture.js';

const line = (own: Partial<DuplicateLine> & Pick<DuplicateLine, 'a' | 'b'>): DuplicateLine => ({
  kind: 'near text',
  similarity: 0.9,
  first: own.a[0]!,
  firstSeen: '2024-01-02T00:00:00.000Z',
  labelsDiffer: false,
  ...own,
});

const factsOf = (
  lines: readonly DuplicateLine[],
  records: readonly [string, Split][],
): Promise<DuplicateFacts> =>
  withTempDir(async (dir) => {
    writeFileSync(join(dir, 'duplicates.jsonl'), lines.map((item) => `${JSON.stringify(item)}\n`).join(''));
    const families = await Families.read(dir, new Random(7));
    for (const [id, split] of records) families.add(recordOf({ id }), split);
    return families.facts();
  });

const none = { train: 0, validation: 0, calibration: 0, test: 0 };

describe('Families', () => {
  const lines = [
    line({ a: ['x'], b: ['y'], similarity: 0.87 }),
    line({ a: ['p', 'q'], b: ['r'], similarity: 0.95, labelsDiffer: true }),
    line({
      a: ['s'],
      b: ['q'],
      kind: 'equal image',
      similarity: 1,
      first: 's',
      firstSeen: '2024-01-01T00:00:00.000Z',
    }),
  ];

  it('joins records over all kinds of links, largest family first', async () => {
    const facts = await factsOf(lines, []);
    expect(facts).toMatchObject({ numFamilies: 2, numRecords: 6, numDiffering: 1 });
    expect(facts.largest.map(({ size, purged }) => [size, purged])).toEqual([
      [4, 4],
      [2, 2],
    ]);
  });

  it('sums up what was found', async () => {
    const { kinds, similarities } = await factsOf(lines, []);
    expect(kinds).toEqual([
      { kind: 'near text', count: 2, minSimilarity: 0.87, maxSimilarity: 0.95 },
      { kind: 'equal image', count: 1, minSimilarity: 1, maxSimilarity: 1 },
    ]);
    expect(similarities).toEqual([
      { from: 0.86, count: 1 },
      { from: 0.94, count: 1 },
    ]);
  });

  it('says which splits a family went to, who was first, and what each record is most like', async () => {
    const { largest } = await factsOf(lines, [
      ['p', 'train'],
      ['other', 'train'],
      ['q', 'train'],
      ['s', 'test'],
    ]);
    expect(largest[0]).toMatchObject({
      splits: { ...none, train: 2, test: 1 },
      purged: 1,
      firstSeen: '2024-01-01T00:00:00.000Z',
    });
    const members = largest[0]?.members.map(({ record, split, isFirst, closest }) => [
      ...[record.id, split, isFirst, closest?.kind, closest?.similarity],
    ]);
    expect(members).toEqual([
      ['s', 'test', true, 'equal image', 1],
      ['p', 'train', false, 'near text', 0.95],
      ['q', 'train', false, 'equal image', 1],
    ]);
  });

  it('shows the first and three others of a large family', async () => {
    const ids = Array.from({ length: 50 }, (_, i) => `r${i}`);
    const all = [line({ a: ['r9'], b: ids.filter((id) => id !== 'r9'), kind: 'equal text', similarity: 1 })];
    const { largest } = await factsOf(
      all,
      ids.map((id) => [id, 'train']),
    );
    expect(largest[0]?.size).toBe(50);
    expect(largest[0]?.members.map(({ isFirst }) => isFirst)).toEqual([true, false, false, false]);
    expect(largest[0]?.members[0]?.record.id).toBe('r9');
  });

  it('gives no family when there are no duplicates', async () => {
    expect(await factsOf([], [['p', 'train']])).toEqual({
      kinds: [],
      similarities: [],
      numFamilies: 0,
      numRecords: 0,
      numDiffering: 0,
      largest: [],
    });
  });
});
