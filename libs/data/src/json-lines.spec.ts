import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withTempDir } from '@assay/testing';
import { readJsonLines, readLines } from './json-lines.js';

/** What `read` gives of a file with this text. */
const readBack = (
  text: string,
  read: (path: string) => Iterable<unknown> | AsyncIterable<unknown>,
): Promise<unknown[]> =>
  withTempDir(async (dir) => {
    const path = join(dir, 'lines.jsonl');
    writeFileSync(path, text);
    const items: unknown[] = [];
    for await (const item of read(path)) items.push(item);
    return items;
  });

describe('readJsonLines', () => {
  it('reads a value a line; the last need not end, and empty lines are none', async () => {
    expect(await readBack('{"a": 1}\n\n[2]\n3', readJsonLines)).toEqual([{ a: 1 }, [2], 3]);
  });

  it.each([
    ['a line separator', '\u2028'],
    ['a paragraph separator', '\u2029'],
    ['a next line', '\u0085'],
  ])('%s in a text does not end the line', async (_, character) => {
    const value = { text: `before${character}after` };
    expect(await readBack(`${JSON.stringify(value)}\n`, readJsonLines)).toEqual([value]);
  });

  it('a carriage return does not end the line', async () => {
    expect(await readBack('[1,\r2]\r\n[3]\n', readJsonLines)).toEqual([[1, 2], [3]]);
  });
});

describe('readLines', () => {
  it('puts lines and characters together that lie across chunks', async () => {
    const lines = ['a'.repeat(2 ** 20 - 1), 'ä€😀'.repeat(2 ** 19), '', 'b'.repeat(2 ** 20 - 1)];
    expect(await readBack(lines.map((line) => `${line}\n`).join(''), readLines)).toEqual(lines);
  });

  it('a file without a byte has no line', async () => {
    expect(await readBack('', readLines)).toEqual([]);
  });
});
