import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withTempDir } from '@assay/testing';
import { readRejectionReasons } from './rejection-reasons.js';

test('reasons are told apart by code and column, most frequent first, with the first three rows', () =>
  withTempDir(async (dir) => {
    const rejection = (line: number, column: string | null) => ({
      ...{
        source: 'rows.csv',
        line,
        column,
        code: 'RECORD_INVALID',
        message: `m${line}`,
        raw: 'x'.repeat(line),
      },
    });
    const all = [rejection(2, null), ...[3, 4, 5, 9_000].map((line) => rejection(line, 'price'))];
    writeFileSync(join(dir, 'rejected.jsonl'), all.map((item) => `${JSON.stringify(item)}\n`).join(''));
    const reasons = await readRejectionReasons(dir);
    expect(reasons.map(({ column, count }) => [column, count])).toEqual([
      ['price', 4],
      [null, 1],
    ]);
    expect(reasons[0]?.firsts.map(({ line }) => line)).toEqual([3, 4, 5]);
    expect(reasons[1]?.firsts).toEqual([{ source: 'rows.csv', line: 2, message: 'm2', raw: 'xx' }]);
  }));
