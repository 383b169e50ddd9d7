import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AssayError } from '@assay/core';
import { describeEngine, tf } from '@assay/tensorflow';
import { expectClose, expectNoLeak, withTempDir } from '@assay/testing';
import { loadSavedModel, traceFunction, writeSavedModel, type Feed, type SavedModelRunner } from './index.js';
import { eagerOutputs, TINY_INPUTS, tinyFeeds, tinyForward, tinyParameters } from './tiny-model.fixture.js';

async function withRunner(
  test: (
    runner: SavedModelRunner,
    parameters: Record<string, tf.Tensor>,
    dir: string,
  ) => void | Promise<void>,
) {
  await withTempDir(async (dir) => {
    const parameters = tinyParameters();
    await writeSavedModel(dir, traceFunction(tinyForward, { inputs: TINY_INPUTS, parameters }));
    const runner = loadSavedModel(dir);
    try {
      await test(runner, parameters, dir);
    } finally {
      runner.dispose();
      tf.dispose(parameters);
    }
  });
}

/** Code and message of what `fn` throws. */
function thrownBy(fn: () => unknown): string {
  try {
    fn();
  } catch (error) {
    if (error instanceof AssayError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'nothing was thrown';
}

describe('a loaded SavedModel', () => {
  it('gives what the eager function gives, at batch sizes that were never traced', async () => {
    await withRunner((runner, parameters) => {
      for (const batchSize of [1, 2, 3, 13]) {
        const feeds = tinyFeeds(batchSize);
        const expected = eagerOutputs(parameters, feeds);
        const results = runner.run(feeds);
        expect(results.logit_BK?.shape).toEqual([batchSize, 2]);
        expect(results.embedding_BF?.shape).toEqual([batchSize, 13]);
        expectClose(results.logit_BK!.data, expected.logit_BK);
        expectClose(results.embedding_BF!.data, expected.embedding_BF);
      }
    });
  });

  it('names its inputs and outputs with dtype and axes, null for the batch', async () => {
    await withRunner((runner) => {
      expect(runner.inputs).toEqual({
        token_BL: { node: 'token_BL:0', dtype: 'int32', shape: [null, 4], axes: ['B', null] },
        mask_BL: { node: 'mask_BL:0', dtype: 'float32', shape: [null, 4], axes: ['B', null] },
        image_BIHWC: {
          ...{ node: 'image_BIHWC:0', dtype: 'int32', shape: [null, 2, 6, 8, 3] },
          axes: ['B', null, null, null, null],
        },
        numeric_BF: { node: 'numeric_BF:0', dtype: 'float32', shape: [null, 5], axes: ['B', null] },
      });
      expect(runner.outputs).toEqual({
        logit_BK: { node: 'logit_BK:0', dtype: 'float32', shape: [null, 2], axes: [null, null] },
        embedding_BF: { node: 'embedding_BF:0', dtype: 'float32', shape: [null, 13], axes: [null, null] },
      });
    });
  });

  it('knows its axes by name: one may come first in one input and second in another', async () => {
    await withTempDir(async (dir) => {
      const inputs = {
        x_BL: { dtype: 'float32', shape: ['B', 'L'] },
        place_LF: { dtype: 'float32', shape: ['L', 2] },
      } as const;
      const fn = (_: object, { x_BL, place_LF }: Record<string, tf.Tensor>) => ({
        y_BF: x_BL!.matMul(place_LF!),
      });
      await writeSavedModel(dir, traceFunction(fn, { inputs, parameters: {} }));
      using runner = loadSavedModel(dir);
      const x_BL: Feed = { dtype: 'float32', shape: [1, 3], data: Float32Array.of(1, 2, 3) };
      const placeOf = (L: number): Feed => ({
        ...{ dtype: 'float32', shape: [L, 2] },
        data: Float32Array.from({ length: 2 * L }, (_, i) => i),
      });
      expect([...runner.run({ x_BL, place_LF: placeOf(3) }).y_BF!.data]).toEqual([16, 22]);
      expect(thrownBy(() => runner.run({ x_BL, place_LF: placeOf(4) }))).toContain(
        "SHAPE_MISMATCH: Input 'place_LF' has L=4, 'x_BL' has L=3.",
      );
    });
  });

  it('gives results of the type bool as int32', async () => {
    await withTempDir(async (dir) => {
      const inputs = { x: { dtype: 'float32', shape: ['B'] } } as const;
      const fn = (_: object, { x }: Record<string, tf.Tensor>) => ({
        big: x!.greater(1),
        all: x!.greater(0).all(),
      });
      await writeSavedModel(dir, traceFunction(fn, { inputs, parameters: {} }));
      using runner = loadSavedModel(dir);
      const { big, all } = runner.run({ x: { dtype: 'float32', shape: [2], data: Float32Array.of(1, 2) } });
      expect(big).toEqual({ dtype: 'int32', shape: [2], data: Int32Array.of(0, 1) });
      expect(all).toEqual({ dtype: 'int32', shape: [], data: Int32Array.of(1) });
    });
  });

  it('leaves no tensor behind, neither of tfjs nor of the engine', async () => {
    await withRunner(async (runner) => {
      const engineTensors = () =>
        (tf.backend() as unknown as { binding: { getNumOfTensors(): number } }).binding.getNumOfTensors();
      const before = engineTensors();
      await expectNoLeak(tf, () => {
        runner.run(tinyFeeds(3));
        expect(() =>
          runner.run({
            ...tinyFeeds(3),
            numeric_BF: { dtype: 'float32', shape: [3, 4], data: new Float32Array(12) },
          }),
        ).toThrow();
      });
      expect(engineTensors()).toBe(before);
    });
  });

  it.each<[string, Record<string, Feed | undefined>, string]>([
    [
      'another dtype',
      { token_BL: { dtype: 'float32', shape: [2, 4], data: new Float32Array(8) } },
      "DTYPE_MISMATCH: Input 'token_BL' is int32; got float32. Fix: feed an Int32Array with dtype 'int32'.",
    ],
    [
      'an array of another type',
      { token_BL: { dtype: 'int32', shape: [2, 4], data: new Float32Array(8) } },
      "DTYPE_MISMATCH: The data of input 'token_BL' is a Float32Array; its dtype int32 needs a Int32Array. Fix: convert it.",
    ],
    [
      'uint8 for a float32 input',
      { mask_BL: { dtype: 'uint8', shape: [2, 4], data: new Uint8Array(8) } },
      "DTYPE_MISMATCH: Input 'mask_BL' is float32; got uint8. Fix: feed a Float32Array with dtype 'float32'.",
    ],
    [
      'another rank',
      { numeric_BF: { dtype: 'float32', shape: [10], data: new Float32Array(10) } },
      "SHAPE_MISMATCH: Input 'numeric_BF' must have the shape [B, 5]; got [10].",
    ],
    [
      'another fixed axis',
      { numeric_BF: { dtype: 'float32', shape: [2, 6], data: new Float32Array(12) } },
      "SHAPE_MISMATCH: Input 'numeric_BF' must have the shape [B, 5]; got [2, 6].",
    ],
    [
      'an empty batch',
      { token_BL: { dtype: 'int32', shape: [0, 4], data: new Int32Array(0) } },
      "SHAPE_MISMATCH: Input 'token_BL' must have the shape [B, 4]; got [0, 4].",
    ],
    [
      'fewer values than the shape says',
      { numeric_BF: { dtype: 'float32', shape: [2, 5], data: new Float32Array(9) } },
      "SHAPE_MISMATCH: Input 'numeric_BF' of shape [2, 5] needs 10 values; got 9.",
    ],
    [
      'another batch size',
      { numeric_BF: { dtype: 'float32', shape: [3, 5], data: new Float32Array(15) } },
      "SHAPE_MISMATCH: Input 'numeric_BF' has B=3, 'token_BL' has B=2.",
    ],
    [
      'an unknown input',
      { price_B: { dtype: 'float32', shape: [2], data: new Float32Array(2) } },
      "USAGE: The model takes no input 'price_B'; it takes token_BL, mask_BL, image_BIHWC, numeric_BF.",
    ],
    [
      'a missing input',
      { mask_BL: undefined },
      "USAGE: The model needs the input 'mask_BL'; got token_BL, image_BIHWC, numeric_BF.",
    ],
  ])('refuses %s', async (_, change, message) => {
    await withRunner((runner) => {
      const feeds = Object.fromEntries(
        Object.entries({ ...tinyFeeds(2), ...change }).filter(([, feed]) => feed !== undefined),
      ) as Record<string, Feed>;
      expect(thrownBy(() => runner.run(feeds))).toContain(message);
    });
  });

  // a GPU takes an id outside of its table for a row of zeros
  const onCpu = describeEngine().deviceKind === 'cpu' ? it : it.skip;
  onCpu('gives the failure of an op a code, and leaves no tensor behind', async () => {
    await withRunner(async (runner) => {
      const { token_BL, ...feeds } = tinyFeeds(2);
      const outside = { ...token_BL, data: new Int32Array(8).fill(1_000_000) };
      await expectNoLeak(tf, () => {
        expect(thrownBy(() => runner.run({ ...feeds, token_BL: outside }))).toMatch(
          /^ENGINE_FAILED: The engine could not run the model of .*1000000/s,
        );
      });
    });
  });

  it('refuses to run after it was disposed, and may be disposed twice', async () => {
    await withRunner((runner) => {
      runner.dispose();
      runner[Symbol.dispose]();
      expect(thrownBy(() => runner.run(tinyFeeds(2)))).toMatch(
        /^USAGE: The engine cannot run the model of .*: it was disposed/,
      );
    });
  });
});

describe('loadSavedModel', () => {
  it('says which file is missing', async () => {
    await withTempDir((dir) => {
      expect(thrownBy(() => loadSavedModel(dir))).toContain(
        `FILE_NOT_FOUND: ${join(dir, 'saved_model.pb')} does not exist`,
      );
    });
  });

  it('refuses what is no path, a folder in place of the file, and to run without feeds', async () => {
    expect(thrownBy(() => loadSavedModel(undefined as never))).toBe(
      'USAGE: A folder is named by its path; got undefined. Fix: pass a text.',
    );
    await withTempDir((dir) => {
      mkdirSync(join(dir, 'saved_model.pb'));
      expect(thrownBy(() => loadSavedModel(dir))).toContain(
        `FILE_NOT_FOUND: ${join(dir, 'saved_model.pb')} is a folder`,
      );
    });
    await withRunner((runner) => {
      expect(thrownBy(() => runner.run(undefined as never))).toMatch(
        /^USAGE: The model takes .* got undefined/,
      );
    });
  });

  it('refuses bytes that are not a SavedModel, a file cut short, and a graph that the engine cannot read', async () => {
    await withRunner((_runner, _parameters, dir) => {
      const path = join(dir, 'saved_model.pb');
      const whole = readFileSync(path);
      const damaged = Buffer.from(whole);
      damaged.write('Xlaceholder', damaged.indexOf('Placeholder'));
      for (const bytes of [
        Buffer.from('not a model'),
        Buffer.alloc(0),
        whole.subarray(0, whole.length - 20),
        damaged,
      ]) {
        writeFileSync(path, bytes);
        expect(thrownBy(() => loadSavedModel(dir))).toContain(`FILE_CORRUPT: ${path} is damaged`);
      }
    });
  });

  it('names the signatures that exist when the wanted one does not', async () => {
    await withRunner((_runner, _parameters, dir) => {
      expect(thrownBy(() => loadSavedModel(dir, { signature: 'train' }))).toMatch(
        /^FILE_CORRUPT: .* has no signature 'train'; it has serving_default/,
      );
    });
  });
});

describe('writeSavedModel', () => {
  it('gives equal bytes for equal programs', async () => {
    await withTempDir(async (dir) => {
      const parameters = tinyParameters();
      const written = await Promise.all(
        ['a', 'b'].map(async (name) => {
          await writeSavedModel(
            join(dir, name),
            traceFunction(tinyForward, { inputs: TINY_INPUTS, parameters }),
          );
          return readFileSync(join(dir, name, 'saved_model.pb'));
        }),
      );
      tf.dispose(parameters);
      expect(written[0]!.equals(written[1]!)).toBe(true);
    });
  });

  it('writes only the outputs and the parameters that are wanted', async () => {
    await withTempDir(async (dir) => {
      const parameters = tinyParameters();
      const program = traceFunction(tinyForward, { inputs: TINY_INPUTS, parameters });
      await writeSavedModel(dir, program, { outputs: ['embedding_BF'] });
      tf.dispose(parameters);
      expect(readFileSync(join(dir, 'saved_model.pb')).includes('head/weight_FF')).toBe(false);
      using runner = loadSavedModel(dir);
      expect(Object.keys(runner.outputs)).toEqual(['embedding_BF']);
    });
  });

  it('refuses an unknown output and parameters that are gone', async () => {
    await withTempDir(async (dir) => {
      const parameters = tinyParameters();
      const program = traceFunction(tinyForward, { inputs: TINY_INPUTS, parameters });
      await expect(writeSavedModel(dir, program, { outputs: ['score_BK'] })).rejects.toThrow(
        "has no output 'score_BK'; it has logit_BK, embedding_BF",
      );
      tf.dispose(parameters);
      await expect(writeSavedModel(dir, program)).rejects.toThrow(
        /parameter '.*' was disposed before its program was written/,
      );
    });
  });
});
