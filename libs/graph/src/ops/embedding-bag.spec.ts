import { tf } from '@assay/tensorflow';
import { expectClose, expectNoLeak } from '@assay/testing';
import { embeddingBag, embeddingLookup, traceFunction, type PoolMode } from '../index.js';

const run = (fn: () => void) => expectNoLeak(tf, () => tf.tidy(fn));

describe('embeddingBag', () => {
  it.each<[PoolMode, number[]]>([
    ['sum', [2 * 30 + 2 * 10, 2 * 31 + 2 * 11]],
    ['mean', [20, 21]],
    ['sqrtn', [40, 42]],
  ])('gives the %s of the rows, and zeros without any weight', (mode, first) =>
    run(() => {
      const table_VD = tf.tensor2d([0, 1, 10, 11, 20, 21, 30, 31], [4, 2]);
      const id_BL = tf.tensor2d([3, 2, 1, 2, 2, 2], [2, 3], 'int32');
      const pooled = embeddingBag(table_VD, id_BL, tf.tensor2d([2, 0, 2, 0, 0, 0], [2, 3]), mode);
      expectClose(pooled.dataSync(), [...first, 0, 0]);
    }),
  );

  it('sums the gradients of a row that occurs twice', () =>
    run(() => {
      const id_BL = tf.tensor2d([3, 1, 3], [1, 3], 'int32');
      const gradient = tf.grad((table) =>
        embeddingBag(table as tf.Tensor2D, id_BL, tf.tensor2d([[1, 2, 4]]), 'sum').sum(),
      )(tf.zeros([4, 1]));
      expectClose(gradient.dataSync(), [0, 2, 0, 5]);
    }));

  it('refuses other axes and ids that are not int32', () =>
    run(() => {
      const ids = tf.zeros<tf.Rank.R2>([2, 3], 'int32');
      const error = (code: string, message: string) =>
        expect.objectContaining({ code, message: expect.stringContaining(message) as string }) as Error;
      expect(() => embeddingBag(tf.zeros([4, 2]), ids, tf.zeros([2, 1]), 'sum')).toThrow(
        error('SHAPE_MISMATCH', 'id_BL is [2, 3], weight_BL is [2, 1]'),
      );
      expect(() => embeddingBag(tf.zeros([4, 2]), tf.zeros([2, 3]), tf.zeros([2, 3]), 'sum')).toThrow(
        error('DTYPE_MISMATCH', 'id_BL of dtype int32; got float32'),
      );
    }));
});

it.each<[string, (table_VD: tf.Tensor2D, id_BL: tf.Tensor2D) => tf.Tensor]>([
  ['embeddingLookup', (table_VD, id_BL) => embeddingLookup(table_VD, id_BL)],
  ['embeddingBag', (table_VD, id_BL) => embeddingBag(table_VD, id_BL, tf.onesLike(id_BL).toFloat(), 'mean')],
])('the gradient of the table of %s is one UnsortedSegmentSum, with nothing after it', (_, compute) => {
  const table_VD = tf.ones<tf.Rank.R2>([7, 3]);
  const { operations, outputs } = traceFunction(
    ({ table }, { id_BL }) => ({
      gradient: tf.grad((given) =>
        compute(given as tf.Tensor2D, id_BL as tf.Tensor2D)
          .square()
          .sum(),
      )(table),
    }),
    { inputs: { id_BL: { dtype: 'int32', shape: ['B', 'L'] } }, parameters: { table: table_VD } },
  );
  const sums = operations.flatMap(({ op }, index) => (op === 'UnsortedSegmentSum' ? [index] : []));
  expect(sums).toHaveLength(1);
  expect(outputs.gradient!.ref).toMatchObject({ kind: 'operation', index: sums[0] });
  table_VD.dispose();
});
