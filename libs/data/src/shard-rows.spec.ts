import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { withTempDir } from '@assay/testing';
import { writeSafetensors } from './safetensors.js';
import { ShardRows } from './shard-rows.js';

/** Shards of so many rows: a_B2 counts up by row, b_B is the row. */
async function writeShards(dir: string, sizes: readonly number[]): Promise<string[]> {
  let first = 0;
  const paths = sizes.map((_, i) => join(dir, `${i}.safetensors`));
  for (const [i, size] of sizes.entries()) {
    const rows = Array.from({ length: size }, (_, row) => first + row);
    await writeSafetensors(paths[i]!, {
      a_B2: {
        dtype: 'F32',
        shape: [size, 2],
        data: Float32Array.from(rows.flatMap((row) => [row, row + 0.5])),
      },
      b_B: { dtype: 'U8', shape: [size], data: Uint8Array.from(rows) },
    });
    first += size;
  }
  return paths;
}

const readFloats = (rows: ShardRows, wanted: readonly number[]): number[] => {
  const data = new Float32Array(new SharedArrayBuffer(8 * wanted.length));
  rows.read('a_B2', wanted, new Uint8Array(data.buffer));
  return [...data];
};

it('gives any rows of several shards, in the order asked for', () =>
  withTempDir(async (dir) => {
    using rows = ShardRows.open(await writeShards(dir, [3, 1, 4]));
    expect(rows.numRows).toBe(8);
    expect(rows.arrays.get('a_B2')).toEqual({ dtype: 'F32', shape: [2], rowBytes: 8 });
    expect(readFloats(rows, [7, 0, 3, 3])).toEqual([7, 7.5, 0, 0.5, 3, 3.5, 3, 3.5]);
    const bytes = new Uint8Array(3);
    rows.read('b_B', [2, 3, 4], bytes);
    expect([...bytes]).toEqual([2, 3, 4]);
  }));

it('gives what was written, for any shards and rows', () =>
  withTempDir(async (dir) => {
    using rows = ShardRows.open(await writeShards(dir, [5, 1, 7, 2]));
    fc.assert(
      fc.property(fc.array(fc.nat(14), { maxLength: 40 }), (wanted) => {
        expect(readFloats(rows, wanted)).toEqual(wanted.flatMap((row) => [row, row + 0.5]));
      }),
    );
  }));

it('refuses a row or an array that is not there, and shards of other arrays', () =>
  withTempDir(async (dir) => {
    const paths = await writeShards(dir, [2, 2]);
    using rows = ShardRows.open(paths);
    expect(() => readFloats(rows, [4])).toThrow('there is no row 4');
    expect(() => rows.read('c', [0], new Uint8Array(0))).toThrow("it has no array 'c'");
    const other = join(dir, 'other.safetensors');
    await writeSafetensors(other, { b_B: { dtype: 'U8', shape: [1], data: new Uint8Array(1) } });
    expect(() => ShardRows.open([...paths, other])).toThrow(/other\.safetensors is damaged: its arrays/);
    expect(() => ShardRows.open([join(dir, 'none')])).toThrow('none does not exist');
  }));

it('refuses a shard that became shorter, before and after it was opened', () =>
  withTempDir(async (dir) => {
    const [path = ''] = await writeShards(dir, [100]);
    using rows = ShardRows.open([path]);
    truncateSync(path, 500);
    expect(() => readFloats(rows, [90])).toThrow("it ends inside row 90 of 'a_B2'");
    expect(() => ShardRows.open([path])).toThrow("it ends inside tensor 'a_B2'");
    truncateSync(path, 4);
    expect(() => ShardRows.open([path])).toThrow('it has 4 bytes; expected at least 8');
  }));
