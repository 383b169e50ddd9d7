import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { withTempDir } from '@assay/testing';
import type { LoaderSettings } from './loader/prepared-loader.js';
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
      expect(data.keys('train')).toEqual(
        data.records('train').map(({ id, source, labels }) => ({ id, source, labels })),
      );
      await expect(batchesOf(data, { batchSize: 0 })).rejects.toMatchObject({ code: 'USAGE' });
      expect(data.labels).toEqual({ kind: 'multi-label', names: ['bad'], ordered: false });
      expect(data.leaky).toBe(false);
    }));

  it('yields the inputs of the records that it names', () =>
    withPrepared(async (data) => {
      const [first, second] = await batchesOf(data, { batchSize: 3 });
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

  it('loads batches by seed and epoch, with labels and ids of the same records', () =>
    withPrepared(async (data) => {
      const loaded = async (seed: number, epoch: number): Promise<string[]> => {
        await using loader = data.openLoader('train', { batchSize: 4, seed, threads: 0 });
        const ids: string[] = [];
        for await (const batch of loader.epoch(epoch)) {
          const numbers = batch.ids.map((id) => Number(id.slice(1)));
          expect(Array.from(batch.label_BK)).toEqual(numbers.map((i) => Number(i === 0 || i === 3)));
          expect(numbers.map((_, b) => batch.inputs.image_BIHWC?.data[b * 2 * 8 * 9 * 3])).toEqual(
            numbers.map((i) => 20 * i),
          );
          ids.push(...batch.ids);
        }
        return ids;
      };
      const once = await loaded(1, 0);
      expect(await loaded(1, 0)).toEqual(once);
      expect(await loaded(1, 1)).not.toEqual(once);
      expect(await loaded(2, 0)).not.toEqual(once);
      expect([...once].sort()).toEqual(['r0', 'r1', 'r2', 'r3', 'r4', 'r5']);
    }));

  it('loads classes, or sources, in equal shares on request', () =>
    withPrepared(async (data) => {
      const idsFor = async (settings: Partial<LoaderSettings>): Promise<string[]> => {
        await using loader = data.openLoader('train', { batchSize: 6, seed: 3, threads: 0, ...settings });
        const ids: string[] = [];
        for (let epoch = 0; epoch < 20; epoch++)
          for await (const batch of loader.epoch(epoch)) ids.push(...batch.ids);
        return ids;
      };
      const bad = (await idsFor({ sampling: 'balanced' })).filter((id) => id === 'r0' || id === 'r3');
      expect(Math.abs(bad.length - 60)).toBeLessThan(10); // half of 120; r0 and r3 are a third of the rows
      expect(await idsFor({ sourceShares: { 'rows.csv': 2 } })).toHaveLength(120);
      await expect(idsFor({ sourceShares: { 'other.csv': 1 } })).rejects.toMatchObject({
        code: 'USAGE',
        message: expect.stringContaining('rows.csv') as string,
      });
    }));

  it('refuses a directory without prepared data, and damaged data', () =>
    withTempDir(async (dir) => {
      await expect(PreparedData.open(dir)).rejects.toMatchObject({ code: 'STAGE_INPUT_MISSING' });
      const prepared = await prepareStage(await tinySource(dir));
      truncateSync(join(prepared.dir, 'shards', 'train-00000.safetensors'), 100);
      await expect(PreparedData.open(prepared.dir)).rejects.toMatchObject({ code: 'FILE_CORRUPT' });
    }));
});
