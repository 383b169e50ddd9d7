import { closeSync, openSync, readSync } from 'node:fs';
import { AssayError } from '@assay/core';
import { readLayout, type TensorLayout } from './safetensors.js';

/** One array of all shards, without the axis of rows. */
export interface RowArray {
  dtype: TensorLayout['dtype'];
  /** Shape of one row. */
  shape: readonly number[];
  rowBytes: number;
}

interface Shard {
  path: string;
  file: number;
  firstRow: number;
  numRows: number;
  /** Where the first row of each array begins. */
  offsets: ReadonlyMap<string, number>;
}

/** Rows of the shards of a split, read at random from the disk: nothing is kept in memory but the headers. */
export class ShardRows {
  readonly numRows: number;
  readonly arrays: ReadonlyMap<string, RowArray>;
  readonly #shards: readonly Shard[];

  private constructor(shards: readonly Shard[], arrays: ReadonlyMap<string, RowArray>) {
    this.#shards = shards;
    this.arrays = arrays;
    this.numRows = shards.reduce((sum, { numRows }) => sum + numRows, 0);
  }

  /**
   * Opens shards; the rows are counted through them, in order.
   *
   * @throws FILE_NOT_FOUND, FILE_CORRUPT when one is missing, damaged, or has other arrays than the first
   */
  static open(paths: readonly string[]): ShardRows {
    const shards: Shard[] = [];
    let arrays: ReadonlyMap<string, RowArray> | undefined;
    let firstRow = 0;
    try {
      for (const path of paths) {
        const layout = readLayout(path);
        const [numRows, own] = rowArraysOf(path, layout);
        arrays ??= own;
        if (!hasSameArrays(arrays, own)) throw corrupt(path, 'its arrays are not those of the first shard');
        const offsets = new Map(layout.map(({ name, offset }) => [name, offset]));
        shards.push({ path, file: openSync(path, 'r'), firstRow, numRows, offsets });
        firstRow += numRows;
      }
    } catch (error) {
      for (const { file } of shards) closeSync(file);
      throw error;
    }
    return new ShardRows(shards, arrays ?? new Map());
  }

  /**
   * Copies rows of an array below each other.
   *
   * @param target of `rows.length` · `rowBytes` bytes; it may lie in shared memory
   * @throws FILE_CORRUPT when a shard has no such array, or has become shorter
   */
  read(name: string, rows: ArrayLike<number>, target: Uint8Array): void {
    const { rowBytes = 0 } = this.arrays.get(name) ?? {};
    for (let start = 0; start < rows.length;) {
      const row = rows[start] ?? 0;
      const shard = this.#shardOf(row);
      let end = start + 1;
      while (rows[end] === row + end - start && (rows[end] ?? 0) < shard.firstRow + shard.numRows) end++;
      const offset = shard.offsets.get(name);
      if (offset === undefined) throw corrupt(shard.path, `it has no array '${name}'`);
      const part = target.subarray(start * rowBytes, end * rowBytes);
      const position = offset + (row - shard.firstRow) * rowBytes;
      if (readSync(shard.file, part, 0, part.length, position) !== part.length)
        throw corrupt(shard.path, `it ends inside row ${row - shard.firstRow} of '${name}'`);
      start = end;
    }
  }

  close(): void {
    for (const { file } of this.#shards) closeSync(file);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #shardOf(row: number): Shard {
    let [low, high] = [0, this.#shards.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#shards[middle]?.firstRow ?? 0) <= row) low = middle;
      else high = middle - 1;
    }
    const shard = this.#shards[low];
    if (shard !== undefined && row >= shard.firstRow && row < shard.firstRow + shard.numRows) return shard;
    throw new AssayError('INTERNAL', `there is no row ${row}; the shards have ${this.numRows}`);
  }
}

function rowArraysOf(path: string, layout: readonly TensorLayout[]): [number, Map<string, RowArray>] {
  const numRows = layout[0]?.shape[0] ?? 0;
  const arrays = layout.map(({ name, dtype, shape, byteLength }): [string, RowArray] => {
    if (shape[0] !== numRows) throw corrupt(path, `'${name}' has ${shape[0]} rows; others have ${numRows}`);
    return [name, { dtype, shape: shape.slice(1), rowBytes: numRows === 0 ? 0 : byteLength / numRows }];
  });
  return [numRows, new Map(arrays)];
}

const hasSameArrays = (a: ReadonlyMap<string, RowArray>, b: ReadonlyMap<string, RowArray>): boolean =>
  a.size === b.size &&
  [...a].every(([name, { dtype, shape }]) => {
    const other = b.get(name);
    return other !== undefined && other.dtype === dtype && String(other.shape) === String(shape);
  });

const corrupt = (path: string, problem: string): AssayError =>
  new AssayError('FILE_CORRUPT', `${path} is damaged: ${problem}. Fix: run prepare again with --force.`, {
    details: { path },
  });
