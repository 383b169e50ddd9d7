import type { tf } from '@assay/tensorflow';
import { compile } from './compile.js';
import type { ModelDefinition } from './model-definition.js';
import { float } from './small-models.fixture.js';

/** Long enough that the engine takes the memory of JavaScript as it is. */
const LENGTH = 100_000;

describe('a state that takes an input keeps its value when the caller fills the array anew', () => {
  it.each<[string, number[], (x: tf.Tensor) => tf.Tensor]>([
    ['as it is', [LENGTH], (x) => x],
    ['in another shape', [10, LENGTH / 10], (x) => x.reshape([LENGTH])],
    ['without an axis', [1, LENGTH], (x) => x.squeeze([0])],
  ])('%s', (_, shape, stateOf) => {
    const model: ModelDefinition = {
      parameters: { w: { shape: [], init: 'ones' } },
      state: { latest: { shape: [LENGTH], init: 'zeros' } },
      inputs: { x: { dtype: 'float32', shape } },
      loss: ({ w }, { x }, context) => {
        context.update('latest', stateOf(x!));
        return { loss: x!.mul(w!).mean() };
      },
    };
    for (const accumulate of [false, true]) {
      using program = compile(model, { optimizer: { kind: 'sgd' }, accumulate });
      const data = new Float32Array(LENGTH).fill(3);
      const schedule = { learningRate: 0.1, step: 1 };
      const batch = { x: float(shape, data) };
      if (accumulate) program.stepAccumulated([batch, batch], schedule);
      else program.step(batch, schedule);
      data.fill(777);
      expect(new Set(program.readVariables(['latest']).latest!.data)).toEqual(new Set([3]));
    }
  });
});
