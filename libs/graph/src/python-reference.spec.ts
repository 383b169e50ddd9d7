import { join } from 'node:path';
import { tf } from '@assay/tensorflow';
import { expectClose, withTempDir } from '@assay/testing';
import { traceFunction, writeSavedModel } from './index.js';
import { INPUTS, trained } from './program/exported-program.fixture.js';
import { referenceSuite, runInPython } from './reference-python.fixture.js';
import { eagerOutputs, TINY_INPUTS, tinyFeeds, tinyForward, tinyParameters } from './tiny-model.fixture.js';

const EXPORTS = [
  ['frozen', 'tensorflow', 'latest'],
  ['checkpoint', 'tensorflow', 'average'],
  ['checkpoint', 'mlflow', 'latest'],
] as const;

const FEEDS = tinyFeeds(3);

/** Writes a traced function to `<dir>/saved_model`; gives what it computes eagerly. */
async function writeTraced(dir: string): Promise<Record<string, Float32Array>> {
  const parameters = tinyParameters();
  await writeSavedModel(
    join(dir, 'saved_model'),
    traceFunction(tinyForward, { inputs: TINY_INPUTS, parameters }),
  );
  const expected = eagerOutputs(parameters, FEEDS);
  tf.dispose(parameters);
  return expected;
}

referenceSuite('in Python', () => {
  // One process for all: TensorFlow and MLflow take longer to start than anything else here.
  it('traced functions and exported programs give the same numbers, loaded by TensorFlow or MLflow', async () => {
    await withTempDir(async (root) => {
      using program = trained();
      const exported = EXPORTS.map(([kind, loader, weights]) => ({
        ...{ dir: join(root, `${kind}-${loader}`), loader, feeds: INPUTS },
        ...{ kind, weights },
      }));
      for (const { dir, kind, weights } of exported)
        await program.exportSavedModel(join(dir, 'saved_model'), kind, { weights });
      const expected = await writeTraced(root);
      const traced = (['tensorflow', 'mlflow'] as const).map((loader) => ({
        dir: root,
        loader,
        feeds: FEEDS,
      }));
      const results = runInPython([...exported, ...traced]);
      expect(results).toHaveLength(exported.length + traced.length);
      for (const [i, { weights }] of exported.entries()) {
        const { inputs, outputs } = results[i]!;
        expect(inputs).toEqual({ token: ['int32', [null, null]], pixel: ['int32', [null, 4]] });
        expect(outputs.score?.shape).toEqual([3, 3]);
        expectClose(outputs.score!.data, program.predict(INPUTS, { weights }).score!.data);
      }
      for (const { inputs, outputs } of results.slice(exported.length)) {
        expect(inputs).toEqual({
          token_BL: ['int32', [null, 4]],
          mask_BL: ['float32', [null, 4]],
          image_BIHWC: ['int32', [null, 2, 6, 8, 3]],
          numeric_BF: ['float32', [null, 5]],
        });
        expect(Object.keys(outputs).sort()).toEqual(['embedding_BF', 'logit_BK']);
        expect(outputs.logit_BK?.shape).toEqual([3, 2]);
        expectClose(outputs.logit_BK!.data, expected.logit_BK!);
        expectClose(outputs.embedding_BF!.data, expected.embedding_BF!);
      }
    });
  }, 120_000);
});
