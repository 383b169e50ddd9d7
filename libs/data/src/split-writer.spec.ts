import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { InputSpecs, ModelInputs } from '@assay/preprocess';
import { withTempDir } from '@assay/testing';
import type { PreparedRecord } from './prepared-record.js';
import { rowsPerShard, SplitWriter } from './split-writer.js';

describe('rowsPerShard', () => {
  it('makes no shard of more than 256 MiB', () => {
    // one row: 8 images of 512 × 512 × 3 bytes and 4096 tokens of 4 bytes = 6,307,840 bytes; 2^28 / 6,307,840 = 42.6
    const specs: InputSpecs = {
      image_BIHWC: { dtype: 'uint8', shape: [8, 512, 512, 3] },
      token_BL: { dtype: 'int32', shape: [4096] },
    };
    expect(rowsPerShard(specs, 1024)).toBe(42);
    expect(rowsPerShard(specs, 10)).toBe(10);
  });
});

describe('SplitWriter', () => {
  const specs: InputSpecs = { numeric_BF: { dtype: 'float32', shape: [1] } };
  const inputsOf = (i: number): ModelInputs => ({
    numeric_BF: { dtype: 'float32', shape: [1, 1], data: Float32Array.of(i) },
  });
  const recordOf = (i: number): PreparedRecord => ({
    ...{ id: `r${i}`, source: 'a.csv', line: i, unit: `r${i}`, text: {}, images: [], imageDigests: [] },
    ...{
      fingerprints: [],
      labels: [i % 2],
      classIndex: null,
      weight: 1,
      group: null,
      timeMs: null,
      slices: {},
    },
  });
  /** @returns the rows that had to be written */
  async function write(dir: string, numRows: number, isKilled = false): Promise<number[]> {
    const workDir = join(dir, 'work');
    const writer = new SplitWriter({ dir: join(dir, 'out'), workDir, split: 'train', specs, shardRows: 4 });
    const written = Array.from({ length: numRows }, (_, i) => i).filter(() => !writer.next());
    for (const i of written) await writer.write(inputsOf(i), recordOf(i));
    if (!isKilled) await writer.close();
    return written;
  }
  const filesOf = (dir: string): Record<string, string> =>
    Object.fromEntries(
      (readdirSync(join(dir, 'out'), { recursive: true }) as string[]) // without file types they are names
        .filter((name) => statSync(join(dir, 'out', name)).isFile())
        .map((name) => [name, readFileSync(join(dir, 'out', name), 'latin1')]),
    );

  it('goes on after the shards that a killed writer finished, to the same bytes', () =>
    withTempDir(async (dir) => {
      const [undisturbed, resumed] = [join(dir, 'a'), join(dir, 'b')];
      await write(undisturbed, 11);
      await write(resumed, 10, true);
      expect(await write(resumed, 11)).toEqual([8, 9, 10]);
      expect(Object.keys(filesOf(resumed))).toHaveLength(4);
      expect(filesOf(resumed)).toEqual(filesOf(undisturbed));
    }));

  it('writes a shard again that is missing between others', () =>
    withTempDir(async (dir) => {
      await write(dir, 12);
      const before = filesOf(dir);
      rmSync(join(dir, 'work', 'shards', 'train-00001.safetensors'));
      rmSync(join(dir, 'out'), { recursive: true });
      mkdirSync(join(dir, 'out'));
      expect(await write(dir, 12)).toEqual([4, 5, 6, 7]);
      expect(filesOf(dir)).toEqual(before);
    }));
});
