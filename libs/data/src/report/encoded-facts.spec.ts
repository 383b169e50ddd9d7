import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { PreprocessorState } from '@assay/preprocess';
import { withTempDir } from '@assay/testing';
import { writeSafetensors } from '../safetensors.js';
import { shardPath } from '../split-writer.js';
import { readEncodedFacts } from './encoded-facts.js';
import { MissingValues } from './missing-values.js';

type State = Pick<PreprocessorState, 'text' | 'numeric' | 'categorical'>;

test('missing numbers and categories and the lengths of texts are read from all shards', () =>
  withTempDir(async (dir) => {
    mkdirSync(join(dir, 'shards'));
    const shard = (path: string, numeric: number[], category: number[], lengths: number[]) =>
      writeSafetensors(path, {
        numeric_BF: { dtype: 'F32', shape: [lengths.length, 5], data: Float32Array.from(numeric) },
        category_BC: { dtype: 'I32', shape: [lengths.length, 1], data: Int32Array.from(category) },
        length_B: { dtype: 'I32', shape: [lengths.length], data: Int32Array.from(lengths) },
      });
    // Of each column the value and whether it is missing, then a feature of the text.
    await shard(shardPath(dir, 'train', 0), [1, 0, 0, 1, 1, 0, 1, 0, 1, 1], [0, 2], [3, 4]);
    await shard(shardPath(dir, 'train', 1), [1, 0, 2, 0, 1], [1], [0]);
    await shard(shardPath(dir, 'test', 0), [1, 0, 0, 1, 1], [0], [4]);
    const state = {
      text: { maxTokens: 4 },
      numeric: { columns: [{ name: 'price' }, { name: 'stock' }] },
      categorical: { columns: [{ name: 'colour' }] },
    } as unknown as State; // what of it is read
    const missing = new MissingValues([]);
    const tokens = readEncodedFacts(dir, state, { missing });
    const none = { train: 0, validation: 0, calibration: 0, test: 0 };
    expect(missing.columns()).toEqual([
      { kind: 'numeric', name: 'price', missing: { ...none, train: 1 } },
      { kind: 'numeric', name: 'stock', missing: { ...none, train: 2, test: 1 } },
      { kind: 'categorical', name: 'colour', missing: { ...none, train: 1, test: 1 } },
    ]);
    expect(tokens).toMatchObject({ maxTokens: 4, full: 2, lengths: { count: 3, min: 3, max: 4 } });
    expect(readEncodedFacts(dir, { ...state, text: null }, { missing })).toBeNull();
  }));
