import { tf } from '@assay/tensorflow';
import { expectReadmeShows, withTempDir } from '@assay/testing';
import { dense, loadSavedModel, traceFunction, writeSavedModel } from './index.js';

it('runs the example of the README', async () => {
  await withTempDir(async (dir) => {
    // example
    const parameters = { weight_FK: tf.tensor2d([1, 2, 3], [3, 1]), bias_K: tf.tensor1d([10]) };
    const program = traceFunction(
      ({ weight_FK, bias_K }, { numeric_BF }) => ({
        logit_BK: dense(numeric_BF as tf.Tensor2D, weight_FK, bias_K),
      }),
      {
        inputs: { numeric_BF: { dtype: 'float32', shape: ['B', 3] } },
        parameters,
      },
    );
    await writeSavedModel(dir, program);
    using runner = loadSavedModel(dir);
    const { logit_BK } = runner.run({
      numeric_BF: { dtype: 'float32', shape: [2, 3], data: Float32Array.of(1, 0, 0, 0, 1, 1) },
    }); // logit_BK.data: 11, 15
    // end
    expect(logit_BK?.data).toEqual(Float32Array.of(11, 15));
    tf.dispose(parameters);
    expectReadmeShows(__filename);
  });
});
