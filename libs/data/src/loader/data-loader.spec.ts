import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withTempDir } from '@assay/testing';
import { writeSafetensors } from '../safetensors.js';
import { DataLoader, type DataLoaderOptions, type LoadedBatch } from './data-loader.js';

const L = 20;
const SPECS: DataLoaderOptions['inputSpecs'] = {
  token_BL: { dtype: 'int32', shape: [L] },
  mask_BL: { dtype: 'float32', shape: [L] },
  image_BIHWC: { dtype: 'uint8', shape: [1, 2, 2, 3] },
};
const lengthOf = (row: number): number => 1 + ((row * 7) % L);

/** Shards of 10 rows whose every value tells its row. */
async function writeShards(dir: string, numRows: number): Promise<string[]> {
  const paths: string[] = [];
  for (let first = 0; first < numRows; first += 10) {
    const rows = Array.from({ length: Math.min(10, numRows - first) }, (_, i) => first + i);
    const tokens = rows.flatMap((row) =>
      Array.from({ length: L }, (_, t) => (t < lengthOf(row) ? 100 * row + t : 0)),
    );
    const B = rows.length;
    const path = join(dir, `${first}.safetensors`);
    paths.push(path);
    await writeSafetensors(path, {
      token_BL: { dtype: 'I32', shape: [B, L], data: Int32Array.from(tokens) },
      mask_BL: {
        dtype: 'F32',
        shape: [B, L],
        data: Float32Array.from(
          rows.flatMap((row) => Array.from({ length: L }, (_, t) => Number(t < lengthOf(row)))),
        ),
      },
      length_B: { dtype: 'I32', shape: [B], data: Int32Array.from(rows, lengthOf) },
      image_BIHWC: {
        dtype: 'U8',
        shape: [B, 1, 2, 2, 3],
        data: Uint8Array.from(rows.flatMap((row) => Array.from({ length: 12 }, (_, i) => row + i))),
      },
      label_BK: { dtype: 'F32', shape: [B, 1], data: Float32Array.from(rows, (row) => row % 2) },
      labelKnown_BK: { dtype: 'F32', shape: [B, 1], data: new Float32Array(B).fill(1) },
      weight_B: { dtype: 'F32', shape: [B], data: Float32Array.from(rows, (row) => row / 2) },
    });
  }
  return paths;
}

const WORKER = join(__dirname, '../../dist/loader/loader-worker.js');
const optionsFor = (paths: readonly string[], more: Partial<DataLoaderOptions> = {}): DataLoaderOptions => ({
  ...{ paths, inputSpecs: SPECS, batchSize: 8, seed: 3, threads: 0, workerFile: WORKER },
  ...more,
});

/** A copy of what a loader gives: its memory is used again. */
const copyOf = ({ row_B, inputs, label_BK, weight_B, size }: LoadedBatch) => ({
  rows: [...row_B],
  inputs: Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, data }]) => [name, { shape: [...shape], data: [...data] }]),
  ),
  labels: [...label_BK],
  weights: [...weight_B],
  size,
});
type Copy = ReturnType<typeof copyOf>;

async function epochOf(options: DataLoaderOptions, epoch = 0, from = 0): Promise<Copy[]> {
  await using loader = new DataLoader(options);
  const batches: Copy[] = [];
  for await (const batch of loader.epoch(epoch, from)) batches.push(copyOf(batch));
  return batches;
}

const withShards = (numRows: number, fn: (paths: string[], dir: string) => Promise<void>): Promise<void> =>
  withTempDir(async (dir) => fn(await writeShards(dir, numRows), dir));

it('gives every row once an epoch, with all that belongs to it', () =>
  withShards(45, async (paths) => {
    const batches = await epochOf(optionsFor(paths));
    expect(batches.map(({ size }) => size)).toEqual([8, 8, 8, 8, 8, 5]);
    expect(batches.flatMap(({ rows }) => rows).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 45 }, (_, i) => i),
    );
    for (const { rows, inputs, labels, weights } of batches) {
      expect(labels).toEqual(rows.map((row) => row % 2));
      expect(weights).toEqual(rows.map((row) => row / 2));
      expect(inputs.token_BL).toMatchObject({ shape: [rows.length, L] });
      expect(inputs.token_BL?.data.filter((_, i) => i % L === 0)).toEqual(rows.map((row) => 100 * row));
      expect(inputs.image_BIHWC?.shape).toEqual([rows.length, 1, 2, 2, 3]);
      expect(inputs.image_BIHWC?.data.filter((_, i) => i % 12 === 11)).toEqual(rows.map((row) => row + 11));
      expect(Object.keys(inputs)).not.toContain('length_B');
    }
  }));

it('gives equal bytes for any number of threads and batches made ahead, from any batch on', () =>
  withShards(45, async (paths) => {
    for (const bucketByLength of [false, true]) {
      const expected = await epochOf(optionsFor(paths, { bucketByLength }), 2);
      for (const [threads, prefetch, from] of [
        [1, 1, 0],
        [2, 5, 0],
        [3, 2, 4],
        [0, 0, 3],
        [1, 9, 5],
      ] as const) {
        const options = optionsFor(paths, { bucketByLength, threads, prefetch });
        expect(await epochOf(options, 2, from)).toEqual(expected.slice(from));
      }
    }
  }));

it('says which batch comes next, and goes on there', () =>
  withShards(45, async (paths) => {
    const whole = [...(await epochOf(optionsFor(paths))), ...(await epochOf(optionsFor(paths), 1))];
    const seen: Copy[] = [];
    let state = { epoch: 0, batch: 0 };
    while (state.epoch < 2) {
      await using loader = new DataLoader(optionsFor(paths, { threads: 1 })); // as after a kill
      for await (const batch of loader.epoch(state.epoch, state.batch)) {
        seen.push(copyOf(batch));
        ({ state } = loader);
        if (seen.length % 4 === 0) break;
      }
    }
    expect(seen).toEqual(whole);
  }));

it('cuts texts to the longest of the batch, in steps of 8, when it sorts by length', () =>
  withShards(45, async (paths) => {
    for (const { rows, inputs } of await epochOf(optionsFor(paths, { bucketByLength: true }))) {
      const longest = Math.max(...rows.map(lengthOf));
      const numTokens = Math.min(L, Math.ceil(longest / 8) * 8);
      expect(inputs.token_BL?.shape).toEqual([rows.length, numTokens]);
      const expected = rows.flatMap((row) =>
        Array.from({ length: numTokens }, (_, t) => (t < lengthOf(row) ? 100 * row + t : 0)),
      );
      expect(inputs.token_BL?.data).toEqual(expected);
      expect(inputs.mask_BL?.data.reduce((a, b) => a + b, 0)).toBe(
        rows.reduce((sum, row) => sum + lengthOf(row), 0),
      );
    }
  }));

it('alters images by their place in the epoch: for any number of threads, from any batch on, and again each epoch', () =>
  withShards(45, async (paths) => {
    const augment = { flip: 0.5, colorJitter: { brightness: 0.5 } };
    const altered = optionsFor(paths, { augment });
    const [plain, first] = [await epochOf(optionsFor(paths)), await epochOf(altered)];
    const imagesOf = (batches: Copy[]): string[] =>
      batches.flatMap(({ rows, inputs }) =>
        rows.map((_, b) => inputs['image_BIHWC']!.data.slice(12 * b, 12 * b + 12).join()),
      );
    const changed = imagesOf(first).filter((image, i) => image !== imagesOf(plain)[i]);
    expect(changed.length).toBeGreaterThan(40); // of 45: a factor of brightness that changes nothing is rare
    expect(first.map(({ rows, labels }) => [rows, labels])).toEqual(
      plain.map(({ rows, labels }) => [rows, labels]),
    );
    for (const [threads, from] of [
      [1, 0],
      [2, 3],
      [0, 4],
    ] as const)
      expect(await epochOf({ ...altered, threads }, 0, from)).toEqual(first.slice(from));
    const weight_N = Array.from({ length: 45 }, (_, row) => Number(row === 4));
    const drawn = imagesOf(await epochOf({ ...altered, weight_N })); // the same record, again and again
    expect(new Set(drawn).size).toBeGreaterThan(30);
    expect(imagesOf(await epochOf({ ...altered, weight_N }, 1))).not.toEqual(drawn);
  }));

it('leaves alone what is no image by the mask', () =>
  withTempDir(async (dir) => {
    const path = join(dir, 'masked.safetensors');
    const image = Uint8Array.from({ length: 24 }, (_, i) => 5 * i);
    await writeSafetensors(path, {
      image_BIHWC: { dtype: 'U8', shape: [2, 1, 2, 2, 3], data: image },
      imageMask_BI: { dtype: 'F32', shape: [2, 1], data: Float32Array.of(0, 1) },
      label_BK: { dtype: 'F32', shape: [2, 1], data: new Float32Array(2) },
    });
    const { image_BIHWC } = SPECS;
    const inputSpecs = { image_BIHWC, imageMask_BI: { dtype: 'float32' as const, shape: [1] } };
    const augment = { colorJitter: { brightness: 0.9 } };
    const [batch] = await epochOf({ ...optionsFor([path], { augment }), inputSpecs });
    const dataOf = (row: number): number[] =>
      batch!.inputs['image_BIHWC']!.data.slice(12 * batch!.rows.indexOf(row)).slice(0, 12);
    expect(dataOf(0)).toEqual([...image.subarray(0, 12)]);
    expect(dataOf(1)).not.toEqual([...image.subarray(12)]);
  }));

it('draws by weights', () =>
  withShards(20, async (paths) => {
    const weight_N = Array.from({ length: 20 }, (_, row) => Number(row === 4));
    const batches = await epochOf(optionsFor(paths, { weight_N }));
    expect(new Set(batches.flatMap(({ rows }) => rows))).toEqual(new Set([4]));
  }));

it('stops in the middle and begins anew, but not twice at once', () =>
  withShards(45, async (paths) => {
    await using loader = new DataLoader(optionsFor(paths, { threads: 2, prefetch: 4 }));
    for await (const { size } of loader.epoch(0)) {
      expect(size).toBe(8);
      await expect(loader.epoch(1).next()).rejects.toMatchObject({ code: 'USAGE' });
      break;
    }
    const again: Copy[] = [];
    for await (const batch of loader.epoch(1)) again.push(copyOf(batch));
    expect(again).toEqual(await epochOf(optionsFor(paths), 1));
  }));

it.each([0, 2])('a shard that became shorter is one coded error, with %d threads', (threads) =>
  withShards(45, async (paths) => {
    await using loader = new DataLoader(optionsFor(paths, { threads }));
    truncateSync(paths[2]!, 100);
    const reading = async (): Promise<void> => {
      for await (const { size } of loader.epoch(0)) expect(size).toBeGreaterThan(0);
    };
    await expect(reading()).rejects.toMatchObject({ code: 'FILE_CORRUPT' });
  }),
);

it('a thread that cannot start fails the batch that waits for it, and all later ones', () =>
  withShards(10, async (paths) => {
    await using loader = new DataLoader(optionsFor(paths, { threads: 1, workerFile: '/nowhere.js' }));
    for (let epoch = 0; epoch < 2; epoch++)
      await expect(loader.epoch(epoch).next()).rejects.toMatchObject({
        code: 'INTERNAL',
        message: expect.stringContaining('/nowhere.js') as string,
      });
  }));

it('a thread that exits fails the batch that waits for it', () =>
  withShards(10, async (paths, dir) => {
    const workerFile = join(dir, 'exits.js');
    writeFileSync(
      workerFile,
      "require('node:worker_threads').parentPort.on('message', () => process.exit(3))",
    );
    await using loader = new DataLoader(optionsFor(paths, { threads: 1, workerFile }));
    await expect(loader.epoch(0).next()).rejects.toThrow('exit status was 3');
  }));

it('closing in the middle of an epoch ends it', () =>
  withShards(45, async (paths, dir) => {
    const workerFile = join(dir, 'silent.js');
    writeFileSync(workerFile, "require('node:worker_threads').parentPort.on('message', () => undefined)");
    const loader = new DataLoader(optionsFor(paths, { threads: 1, workerFile }));
    const batch = expect(loader.epoch(0).next()).rejects.toMatchObject({ code: 'USAGE' });
    await loader.close();
    await batch;
  }));

it('begins at no batch that is not there, and goes on after such a mistake', () =>
  withShards(45, async (paths) => {
    await using loader = new DataLoader(optionsFor(paths));
    for (const from of [-1, 1.5, NaN, 7])
      await expect(loader.epoch(0, from).next()).rejects.toMatchObject({ code: 'USAGE' });
    await expect(loader.epoch(-1).next()).rejects.toMatchObject({ code: 'USAGE' });
    expect((await loader.epoch(0, 6).next()).done).toBe(true);
    expect(await loader.epoch(0).next()).toMatchObject({ value: { size: 8 } });
  }));
