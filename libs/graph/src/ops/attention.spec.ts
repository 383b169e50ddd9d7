import { tf } from '@assay/tensorflow';
import { expectClose, expectNoLeak } from '@assay/testing';
import { attention, type AttentionInputs } from '../index.js';

const run = (fn: () => void) => expectNoLeak(tf, () => tf.tidy(fn));

/** B=1, T=S=2, D=2. The scores of the first query are ln 3 and 0 over the width of a head. */
const example = (numHeads: number): AttentionInputs => ({
  query_BTD: tf.tensor3d([
    [
      [Math.log(3) * Math.sqrt(2 / numHeads), 0],
      [0, 0],
    ],
  ]),
  key_BSD: tf.tensor3d([
    [
      [1, 0],
      [0, 1],
    ],
  ]),
  value_BSD: tf.tensor3d([
    [
      [4, 8],
      [0, 16],
    ],
  ]),
  numHeads,
});

describe('attention', () => {
  it('averages the values by the softmax of the scores', () =>
    run(() => {
      expectClose(attention(example(1)).dataSync(), [3, 10, 2, 12]); // ¾ and ¼; ½ and ½
    }));

  it('does so in each head', () =>
    run(() => {
      expectClose(attention(example(2)).dataSync(), [3, 12, 2, 12]); // the second head has scores of 0
    }));

  it('hides keys by the mask and later ones when it is causal', () =>
    run(() => {
      const masked = attention({ ...example(1), mask_BS: tf.tensor2d([[0, 1]]) });
      expectClose(masked.dataSync(), [0, 16, 0, 16]);
      expectClose(attention({ ...example(1), causal: true }).dataSync(), [4, 8, 2, 12]);
    }));

  it('gives zeros, and zero gradients, to a query that sees no key, and never shows it a later one', () =>
    run(() => {
      const { query_BTD, key_BSD, value_BSD } = example(1);
      const others = { mask_BS: tf.tensor2d([[0, 1]]), causal: true, numHeads: 1 };
      const inputs = [query_BTD, key_BSD, value_BSD];
      const { value, grads } = tf.valueAndGrads((...[query, key, values]) =>
        attention({
          query_BTD: query as tf.Tensor3D,
          key_BSD: key as tf.Tensor3D,
          value_BSD: values as tf.Tensor3D,
          ...others,
        }).sum(),
      )(inputs);
      expectClose(value.dataSync(), [16]); // 0 and 0 of the first query, 0 and 16 of the second
      expectClose(grads[0]!.dataSync(), [0, 0, 0, 0]);
      expectClose(grads[1]!.dataSync(), [0, 0, 0, 0]);
      expectClose(grads[2]!.dataSync(), [0, 0, 1, 1]);
    }));

  it('drops probabilities and scales the others', () =>
    run(() => {
      const count = 4000;
      const output = attention({
        query_BTD: tf.zeros([1, count, 1]),
        key_BSD: tf.zeros([1, 1, 1]),
        value_BSD: tf.ones([1, 1, 1]),
        numHeads: 1,
        dropout: { rate: 0.25, seed_2: tf.tensor1d([1, 2], 'int32') },
      }).dataSync();
      expect(new Set(output.map((value) => Math.round(value * 3)))).toEqual(new Set([0, 4]));
      const dropped = output.filter((value) => value === 0).length / count;
      expect(Math.abs(dropped - 0.25)).toBeLessThan(0.035); // 5 standard deviations
    }));

  it('has the gradients of what dropout kept', () =>
    run(() => {
      const seed_2 = tf.tensor1d([5, 2], 'int32');
      const at = (query: tf.Tensor, key: tf.Tensor, values: tf.Tensor): tf.Tensor =>
        attention({
          query_BTD: query as tf.Tensor3D,
          key_BSD: key as tf.Tensor3D,
          value_BSD: values as tf.Tensor3D,
          numHeads: 2,
          dropout: { rate: 0.5, seed_2 },
        })
          .mul(tf.range(1, 13).reshape([1, 3, 4]))
          .sum();
      const inputs = [1, 2, 3].map((k) => tf.range(0, 12).mul(k).sin().reshape<tf.Tensor3D>([1, 3, 4]));
      const gradients = tf.grads((...[q, k, v]) => at(q!, k!, v!))(inputs);
      gradients.forEach((gradient, input) => {
        const direction = tf.range(0, 12).mul(0.7).cos().reshape([1, 3, 4]);
        const moved = (step: number) =>
          at(
            ...(inputs.map((tensor, i) => (i === input ? tensor.add(direction.mul(step)) : tensor)) as [
              tf.Tensor,
              tf.Tensor,
              tf.Tensor,
            ]),
          );
        const slope = moved(0.01).sub(moved(-0.01)).div(0.02);
        expectClose(gradient.mul(direction).sum().dataSync(), slope.dataSync(), {
          absolute: 5e-3,
          relative: 2e-3,
        });
      });
    }));

  it.each<[string, (inputs: AttentionInputs) => Partial<AttentionInputs>, string, string]>([
    [
      'keys of another width',
      () => ({ key_BSD: tf.zeros([1, 2, 3]) }),
      'SHAPE_MISMATCH',
      'key_BSD is [1, 2, 3]',
    ],
    [
      'a value too many',
      () => ({ value_BSD: tf.zeros([1, 3, 2]) }),
      'SHAPE_MISMATCH',
      'value_BSD is [1, 3, 2]',
    ],
    ['a mask of the queries', () => ({ mask_BS: tf.zeros([1, 3]) }), 'SHAPE_MISMATCH', 'mask_BS is [1, 3]'],
    [
      'causal attention across',
      () => ({ query_BTD: tf.zeros([1, 3, 2]), causal: true }),
      'SHAPE_MISMATCH',
      'as many keys as queries',
    ],
    ['heads that do not divide D', () => ({ numHeads: 3 }), 'SHAPE_MISMATCH', 'divides D=2; got 3'],
    [
      'an int32 mask',
      () => ({ mask_BS: tf.zeros([1, 2], 'int32') }),
      'DTYPE_MISMATCH',
      'mask_BS of dtype float32',
    ],
  ])('refuses %s', (_, change, code, message) =>
    run(() => {
      const inputs = example(1);
      expect(() => attention({ ...inputs, ...change(inputs) })).toThrow(
        expect.objectContaining({ code, message: expect.stringContaining(message) as string }) as Error,
      );
    }),
  );
});
