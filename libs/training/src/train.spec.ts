import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeFile } from 'node:fs/promises';
import { AssayError, createLogger, Random, sha256OfFile } from '@assay/core';
import { initialValues } from '@assay/graph';
import { tf } from '@assay/tensorflow';
import { expectNoLeak, withTempDir } from '@assay/testing';
import { loadCheckpoint } from './checkpoint.js';
import type { EpochLog } from './epoch-log.js';
import { meanOfLoss } from './loss-sum.js';
import { TinyTask, tinyOptions } from './tiny-task.fixture.js';
import { train, type TrainedModel, type TrainOptions } from './train.js';
import { TrainingSession } from './training-session.js';

async function finish(options: TrainOptions): Promise<{ logs: EpochLog[]; trained: TrainedModel }> {
  const logs: EpochLog[] = [];
  const run = train(options);
  let next = await run.next();
  for (; next.done !== true; next = await run.next()) logs.push(next.value);
  return { logs, trained: next.value };
}

test('learns a simple rule, logs every epoch and keeps the weights of the best one', async () => {
  await expectNoLeak(tf, async () => {
    const options = tinyOptions();
    const { logs, trained } = await finish(options);
    expect(logs.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(logs.at(-1)!.trainLoss).toBeLessThan(logs[0]!.trainLoss / 2);
    const best = logs[trained.bestEpoch - 1]!;
    expect(best.meanAveragePrecision).toBe(
      Math.max(...logs.map(({ meanAveragePrecision }) => meanAveragePrecision!)),
    );
    expect(best.averagePrecision['low']).toBeGreaterThan(0.9);

    const session = new TrainingSession({
      model: options.model,
      config: options.config,
      initial: trained.weights,
      classWeight_K: [1],
      seed: 1,
    });
    const [batch] = options.data.batches('validation', { batchSize: 40 }) as Iterable<never>;
    expect(meanOfLoss(session.predict(batch!).loss)).toBeCloseTo(best.validationLoss, 5);
    session.dispose();
  });
});

test('stops early when the validation figure no longer improves', async () => {
  const { logs, trained } = await finish(tinyOptions({ patience: 2, maxEpochs: 40 }));
  expect(logs.length).toBeLessThan(40);
  expect(logs.length).toBe(trained.bestEpoch + 2);
});

test('uses as many tensors after fifty steps as after one', () => {
  const { model, config, data } = tinyOptions();
  const session = new TrainingSession({
    model,
    config,
    initial: initialValues(model.parameters, new Random(1)),
    classWeight_K: [1],
    seed: 1,
  });
  const [batch] = [...(data as TinyTask).batches('train', { batchSize: 8 })];
  const counts = Array.from({ length: 50 }, (_, step) => {
    session.step(batch!, 1e-3, step + 1);
    return tf.memory().numTensors;
  });
  expect(new Set(counts).size).toBe(1);
  session.dispose();
});

test('a loss that is not finite ends training and names the records of the batch', async () => {
  const data = new TinyTask();
  data.weight = NaN;
  await expectNoLeak(tf, async () => {
    const error = await finish({ ...tinyOptions(), data }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'NON_FINITE', details: { epoch: 1 } });
    expect((error as { details: { recordIds: string[] } }).details.recordIds).toHaveLength(8);
    expect((error as Error).message).toMatch(/train-\d+, train-\d+/);
  });
});

test('an empty split is refused', async () => {
  const data = new TinyTask();
  jest.spyOn(data, 'numRows').mockImplementation((split) => (split === 'validation' ? 0 : 70));
  await expect(finish({ ...tinyOptions(), data })).rejects.toMatchObject({ code: 'DATA_EMPTY' });
});

test('ends with INTERRUPTED when asked to, and the checkpoint of the last whole epoch stays', async () => {
  await withTempDir(async (dir) => {
    const controller = new AbortController();
    const checkpointPath = join(dir, 'checkpoint.safetensors');
    const run = train({ ...tinyOptions(), checkpointPath, signal: controller.signal });
    await run.next();
    await run.next();
    controller.abort();
    await expect(run.next()).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect((await loadCheckpoint(checkpointPath))?.history).toHaveLength(2);
  });
});

test('goes on after an interruption as if there had been none', async () => {
  await withTempDir(async (dir) => {
    const whole = await finish(tinyOptions({ maxEpochs: 5 }));
    const onResume = jest.fn();
    const checkpointPath = join(dir, 'checkpoint.safetensors');
    const options = { ...tinyOptions({ maxEpochs: 5 }), checkpointPath, onResume };
    for await (const { epoch } of train(options)) if (epoch === 3) break;
    expect(onResume).not.toHaveBeenCalled();
    const resumed = await finish(options);
    expect(onResume.mock.calls).toEqual([[3]]);
    expect(resumed.logs).toEqual(whole.logs);
    expect(resumed.trained.weights).toEqual(whole.trained.weights);
  });
});

test('a damaged checkpoint is reported and training starts over', async () => {
  await withTempDir(async (dir) => {
    const checkpointPath = join(dir, 'checkpoint.safetensors');
    await writeFile(checkpointPath, 'half a checkp');
    const logger = createLogger('test', 'silent');
    const warn = jest.spyOn(logger, 'warn');
    const whole = await finish(tinyOptions({ maxEpochs: 2 }));
    const { logs } = await finish({ ...tinyOptions({ maxEpochs: 2 }), checkpointPath, logger });
    expect(logs).toEqual(whole.logs);
    expect(warn.mock.calls).toEqual([
      [
        expect.objectContaining({ path: checkpointPath }),
        'the checkpoint is damaged: training starts from the first epoch',
      ],
    ]);
  });
});

test('a gradient that overflows ends training before it makes the weights NaN', async () => {
  await expectNoLeak(tf, () => {
    const { model, config, data } = tinyOptions();
    const initial = initialValues(model.parameters, new Random(1));
    // a loss near 1e25 is finite in float32; the square of its gradient, 1e50, is not
    initial['text/table_VD'] = initial['text/table_VD']!.fill(1e25);
    using session = new TrainingSession({ model, config, initial, classWeight_K: [1], seed: 1 });
    const before = session.optimizerState();
    const [batch] = [...(data as TinyTask).batches('train', { batchSize: 8 })];
    expect(() => session.step(batch!, 0.1, 1)).toThrow(
      expect.objectContaining({
        code: 'NON_FINITE',
        details: expect.objectContaining({ gradientNorm: Infinity }) as object,
      }) as Error,
    );
    expect(session.weights()).toEqual(initial);
    expect(session.optimizerState()).toEqual(before);
  });
});

test('a gradient that is not finite names the records of the batch', async () => {
  const step = jest.spyOn(TrainingSession.prototype, 'step').mockImplementation(() => {
    throw new AssayError('NON_FINITE', 'a step failed', { details: { loss: 1, gradientNorm: Infinity } });
  });
  await expect(finish(tinyOptions())).rejects.toMatchObject({
    code: 'NON_FINITE',
    message: expect.stringMatching(
      /norm of the gradient became Infinity in epoch 1.*Records of the batch: train-\d+, train-\d+/,
    ) as string,
  });
  step.mockRestore();
});

test('a killed run, started again, writes the same bytes as an undisturbed one', async () => {
  await withTempDir(async (dir) => {
    await once(startChild(join(dir, 'whole')), 'exit');
    const killed = startChild(join(dir, 'killed'));
    while (!existsSync(join(dir, 'killed.checkpoint')) && killed.exitCode === null) await sleep(5);
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    expect(existsSync(join(dir, 'killed'))).toBe(false);
    await once(startChild(join(dir, 'killed')), 'exit');
    expect(await sha256OfFile(join(dir, 'killed'))).toBe(await sha256OfFile(join(dir, 'whole')));
  });
});

/** Trains the tiny task in a process of its own and writes the weights to `path`. */
function startChild(path: string) {
  return spawn(process.execPath, ['-C', '@assay/source', join(__dirname, 'train-child.fixture.cjs'), path], {
    env: { ...process.env, ASSAY_DETERMINISTIC: '1' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
