import { join } from 'node:path';
import { tf } from '@assay/tensorflow';
import { expectClose, withTempDir } from '@assay/testing';
import { traceFunction, writeSavedModel } from './index.js';
import { referenceSuite as suite, runInPython } from './reference-python.fixture.js';
import { eagerOutputs, TINY_INPUTS, tinyFeeds, tinyForward, tinyParameters } from './tiny-model.fixture.js';

suite('a written SavedModel in Python', () => {
  it('gives the eager outputs when TensorFlow or MLflow loads it', async () => {
    await withTempDir(async (dir) => {
      const parameters = tinyParameters();
      await writeSavedModel(
        join(dir, 'saved_model'),
        traceFunction(tinyForward, { inputs: TINY_INPUTS, parameters }),
      );
      const feeds = tinyFeeds(3);
      const expected = eagerOutputs(parameters, feeds);
      tf.dispose(parameters);
      const runs = runInPython((['tensorflow', 'mlflow'] as const).map((loader) => ({ dir, loader, feeds })));
      expect(runs).toHaveLength(2);
      for (const { inputs, outputs } of runs) {
        expect(inputs).toEqual({
          token_BL: ['int32', [null, 4]],
          mask_BL: ['float32', [null, 4]],
          image_BIHWC: ['int32', [null, 2, 6, 8, 3]],
          numeric_BF: ['float32', [null, 5]],
        });
        expect(Object.keys(outputs).sort()).toEqual(['embedding_BF', 'logit_BK']);
        expect(outputs.logit_BK?.shape).toEqual([3, 2]);
        expectClose(outputs.logit_BK!.data, expected.logit_BK);
        expectClose(outputs.embedding_BF!.data, expected.embedding_BF);
      }
    });
  }, 120_000);
});
