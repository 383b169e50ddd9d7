import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '@assay/core';
import { withTempDir } from '@assay/testing';
import { PreparedData, type Batch, type BatchOptions } from './prepared-data.js';
import { prepareStage } from './prepare-stage.js';
import { GOOD_ROWS, tinySource } from './tiny-source.fixture.js';

const withPrepared = (look: (data: PreparedData) => Promise<void>): Promise<void> =>
  withTempDir(async (dir) => {
    const rows = GOOD_ROWS.map((row, i) => (i === 1 ? { ...row, bad: '' } : row));
    await look(await PreparedData.open((await prepareStage(await tinySource(dir, rows))).dir));
  });

async function batchesOf(data: PreparedData, options: BatchOptions): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of data.batches('train', options)) batches.push(batch);
  return batches;
}

const idsOf = (batches: Batch[]): string[] => batches.flatMap(({ ids }) => ids);

describe('PreparedData', () => {
  it('yields the records in order, across shards, with labels, knowledge and weights', () =>
    withPrepared(async (data) => {
      const batches = await batchesOf(data, { batchSize: 5 });
      expect(batches.map(({ ids }) => ids)).toEqual([['r0', 'r1', 'r2', 'r3', 'r4'], ['r5']]);
      expect(batches[0]).toMatchObject({
        size: 5,
        label_BK: Float32Array.of(1, 0, 0, 1, 0),
        labelKnown_BK: Float32Array.of(1, 0, 1, 1, 1),
        weight_B: Float32Array.of(1, 1, 1, 1, 1),
      });
      expect(data.numRows('train')).toBe(6);
      expect(data.records('train').map(({ labels }) => labels[0])).toEqual([1, null, 0, 1, 0, 0]);
      expect(data.labels).toEqual({ kind: 'multi-label', names: ['bad'], ordered: false });
      expect(data.leaky).toBe(false);
    }));

  it('yields the inputs of the records that it names', () =>
    withPrepared(async (data) => {
      const [first, second] = await batchesOf(data, { batchSize: 3, random: new Random(1, 'shuffle') });
      for (const { ids, inputs } of [first, second] as Batch[]) {
        const images = inputs.image_BIHWC;
        expect(images?.shape).toEqual([3, 2, 8, 9, 3]);
        const numbers = ids.map((id) => Number(id.slice(1)));
        expect(numbers.map((_, b) => images?.data[b * 2 * 8 * 9 * 3])).toEqual(numbers.map((i) => 20 * i));
        expect(numbers.map((_, b) => inputs.category_BC?.data[b])).toEqual(
          numbers.map((i) => (i % 2 === 0 ? 3 : 2)),
        );
      }
    }));

  it('holds for a row of the source what serving encodes for the same cells', () =>
    withTempDir(async (dir) => {
      const colours = [' red', 'red ', '', ' ', 'pink', 'red'];
      const rows = GOOD_ROWS.map((row, i) => ({ ...row, colour: colours[i] ?? 'blue', photos: '' }));
      const data = await PreparedData.open((await prepareStage(await tinySource(dir, rows))).dir);
      const [batch] = await batchesOf(data, { batchSize: 6 });
      expect([...(batch?.inputs.category_BC?.data ?? [])]).toEqual([2, 2, 0, 0, 1, 2]);
      const requests = rows.slice(0, 6).map(({ id = '', title = '', price, colour }) => ({
        id,
        text: { title },
        images: [],
        numeric: { price: Number(price) },
        categorical: { colour },
      }));
      expect(await data.preprocessor.encodeBatch(requests)).toEqual(batch?.inputs);
    }));

  it('shuffles by the random numbers that it is given', () =>
    withPrepared(async (data) => {
      const shuffled = async (seed: number) =>
        idsOf(await batchesOf(data, { batchSize: 4, random: new Random(seed, 'shuffle') }));
      const once = await shuffled(1);
      expect(await shuffled(1)).toEqual(once);
      expect(await shuffled(2)).not.toEqual(once);
      expect([...once].sort()).toEqual(['r0', 'r1', 'r2', 'r3', 'r4', 'r5']);
    }));

  it('leaves out a smaller last batch on request', () =>
    withPrepared(async (data) => {
      expect((await batchesOf(data, { batchSize: 4, dropRemainder: true })).map(({ size }) => size)).toEqual([
        4,
      ]);
    }));

  it('refuses a directory without prepared data, and damaged data', () =>
    withTempDir(async (dir) => {
      await expect(PreparedData.open(dir)).rejects.toMatchObject({ code: 'STAGE_INPUT_MISSING' });
      const prepared = await prepareStage(await tinySource(dir));
      truncateSync(join(prepared.dir, 'shards', 'train-00000.safetensors'), 100);
      await expect(PreparedData.open(prepared.dir)).rejects.toMatchObject({ code: 'FILE_CORRUPT' });
    }));
});
