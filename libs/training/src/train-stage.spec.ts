import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseConfig, type LoadedConfig } from '@assay/config';
import { Random, readJson } from '@assay/core';
import { prepareStage, readSafetensors } from '@assay/data';
import { describeEngine, tf } from '@assay/tensorflow';
import { expectNoLeak, withTempDir } from '@assay/testing';
import { loadCheckpoint, saveCheckpoint } from './checkpoint.js';
import type { EpochLog } from './epoch-log.js';
import { trainStage } from './train-stage.js';

const YAML = `
schemaVersion: 1
name: tiny
description: Titles that name a blade, and prices.
data:
  root: .
  source: { path: rows.csv }
  columns: { id: id, text: { title: title }, numeric: [price], categorical: [kind] }
  labels: { kind: multi-label, policies: [{ name: blade, column: blade }] }
  split: { strategy: group }
preprocess: { text: { fields: [title], wordNgrams: [1, 1], charNgrams: null, buckets: 64, maxTokens: 6 } }
model: { text: { dim: 8 }, tabular: { dim: 4, categoryDim: 2 }, hiddenDim: 8 }
train: { batchSize: 16, maxEpochs: 3, lr: 0.02, monitor: loss }
`;

/** 120 listings, a third of which name a blade. */
async function writeRows(dir: string): Promise<LoadedConfig> {
  const random = new Random(1, 'rows');
  const rows = Array.from({ length: 120 }, (_, i) => {
    const blade = i % 3 === 0;
    const title = [
      random.pick(['oak', 'tin', 'blue']),
      blade ? random.pick(['dagger', 'sword']) : random.pick(['mug', 'bowl']),
      random.pick(['small', 'old']),
    ];
    return `r${i},${title.join(' ')},${5 + random.integer(90)},${random.pick(['home', 'craft'])},${blade ? 1 : 0}`;
  });
  await writeFile(join(dir, 'rows.csv'), `id,title,price,kind,blade\n${rows.join('\n')}\n`);
  return { config: parseConfig(YAML), path: join(dir, 'pipeline.yaml'), dataRoot: dir };
}

test('trains from prepared data, writes a verified graph, and is not run twice', async () => {
  await withTempDir(async (dir) => {
    const loaded = await writeRows(dir);
    const preparedDir = join(dir, 'prepared');
    await prepareStage({ loaded, dir: preparedDir, progress: 'silent' });
    const epochs: number[] = [];
    const options = {
      loaded,
      preparedDir,
      dir: join(dir, 'run'),
      progress: 'silent' as const,
      onEpoch: ({ epoch }: { epoch: number }) => epochs.push(epoch),
    };

    const first = await expectNoLeak(tf, () => trainStage(options));
    expect(epochs).toEqual([1, 2, 3]);
    expect(Object.keys(first.manifest.files)).toEqual([
      'environment.json',
      'history.json',
      'labels.json',
      'model.json',
      'model.safetensors',
      'preprocessor.json',
      'saved_model/saved_model.pb',
    ]);
    expect(first.manifest.summary).toMatchObject({ model: 'text+tabular/concat', epochs: 3 });
    expect(await readJson(join(dir, 'run', 'environment.json'))).toMatchObject({
      git: { commit: null, dirty: null },
      nodeVersion: process.versions.node,
      hardware: { device: describeEngine().device, cores: cpus().length },
    });
    expect(await readJson(join(dir, 'run', 'model.json'))).toMatchObject({
      schemaVersion: 1,
      vocabularySize: 64,
      labels: { kind: 'multi-label', names: ['blade'] },
    });
    expect(readFileSync(join(dir, 'run', 'preprocessor.json'))).toEqual(
      readFileSync(join(preparedDir, 'preprocessor.json')),
    );
    const { tensors } = await readSafetensors(join(dir, 'run', 'model.safetensors'));
    expect(tensors['text/table_VD']?.shape).toEqual([64, 8]);

    expect((await trainStage(options)).reused).toBe(true);
    const again = await trainStage({ ...options, dir: join(dir, 'again') });
    expect(again.digest).toBe(first.digest);
  });
});

test('says which stage is missing when nothing was prepared', async () => {
  await withTempDir(async (dir) => {
    const loaded = await writeRows(dir);
    await expect(
      trainStage({ loaded, preparedDir: join(dir, 'nothing'), dir: join(dir, 'run') }),
    ).rejects.toMatchObject({ code: 'STAGE_INPUT_MISSING' });
  });
});

test('data that were prepared with another config are refused, and the message says what to run', async () => {
  await withTempDir(async (dir) => {
    const loaded = await writeRows(dir);
    const preparedDir = join(dir, 'prepared');
    await prepareStage({ loaded, dir: preparedDir, progress: 'silent' });
    const trainWith = (config: LoadedConfig['config']) =>
      trainStage({ loaded: { ...loaded, config }, preparedDir, dir: join(dir, 'run'), progress: 'silent' });
    const { config } = loaded;
    const text = { ...config.preprocess.text!, buckets: 128 };
    for (const [section, changed] of [
      ['preprocess', { ...config, preprocess: { ...config.preprocess, text } }],
      ['data', { ...config, data: { ...config.data, maxRejectedFraction: 0.5 } }],
      ['seed', { ...config, seed: config.seed + 1 }],
    ] as const) {
      await expect(trainWith(changed)).rejects.toMatchObject({
        code: 'STAGE_STALE',
        message: expect.stringMatching(new RegExp(`'${section}'.*run assay prepare again`)) as string,
      });
    }
    await expect(trainWith({ ...config, data: { ...config.data, root: '/moved' } })).resolves.toBeDefined();
  });
});

test('--force starts from the first epoch, although a checkpoint would let it go on', async () => {
  await withTempDir(async (dir) => {
    const loaded = await writeRows(dir);
    const preparedDir = join(dir, 'prepared');
    await prepareStage({ loaded, dir: preparedDir, progress: 'silent' });
    const runDir = join(dir, 'run');
    const logsOf = async (force: boolean, stopAfter?: number): Promise<EpochLog[]> => {
      const logs: EpochLog[] = [];
      const stop = new AbortController();
      const onEpoch = (log: EpochLog): void => {
        logs.push(log);
        if (log.epoch === stopAfter) stop.abort();
      };
      const run = { loaded, preparedDir, dir: runDir, force, onEpoch, signal: stop.signal };
      await trainStage({ ...run, progress: 'silent' }).catch((error: unknown) =>
        expect(error).toMatchObject({ code: 'INTERRUPTED' }),
      );
      return logs;
    };
    const [first] = await logsOf(false, 1);
    const [work] = readdirSync(`${runDir}.work`);
    const path = join(`${runDir}.work`, work!, 'checkpoint.safetensors');
    const checkpoint = (await loadCheckpoint(path))!;
    const marked = { ...checkpoint, history: [{ ...first!, trainLoss: 99 }] };
    await saveCheckpoint(path, marked);
    expect((await logsOf(false, 1)).map(({ trainLoss }) => trainLoss)).toEqual([99]);
    expect((await logsOf(true))[0]).toEqual(first);
  });
});
