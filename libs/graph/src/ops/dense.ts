import { tf } from '@assay/tensorflow';
import { addToLastAxis, sumToLastAxis } from './last-axis.js';
import { matMul } from './matrix-product.js';
import { ownGradient } from './own-gradient.js';
import { shapeMismatch } from './shape-mismatch.js';

/**
 * input · weight + bias, as MatMul and BiasAdd, which TensorFlow fuses in a graph.
 *
 * @param input […, F] float32, [N, F] or [B, L, F]
 * @param weight_FG float32
 * @param bias_G float32
 * @returns […, G] float32; gradients flow to all three, with one MatMul for each matrix. Caller disposes.
 * @throws SHAPE_MISMATCH when F or G differ
 */
export function dense(input: tf.Tensor2D, weight_FG: tf.Tensor2D, bias_G: tf.Tensor1D): tf.Tensor2D;
export function dense(input: tf.Tensor3D, weight_FG: tf.Tensor2D, bias_G: tf.Tensor1D): tf.Tensor3D;
export function dense(
  input: tf.Tensor2D | tf.Tensor3D,
  weight_FG: tf.Tensor2D,
  bias_G: tf.Tensor1D,
): tf.Tensor2D | tf.Tensor3D {
  const [F, G] = weight_FG.shape;
  if (input.rank < 2 || input.shape.at(-1) !== F || bias_G.rank !== 1 || bias_G.size !== G) {
    const got = { input, weight_FG, bias_G };
    throw shapeMismatch(
      'dense',
      'the same F in input and weight, and the same G in weight and bias',
      got,
      'make them equal',
    );
  }
  return tf.tidy(() => {
    if (input.rank === 2) return denseRows(input as tf.Tensor2D, weight_FG, bias_G); // rank 2
    const output_NG = denseRows(input.reshape([-1, F]), weight_FG, bias_G);
    return output_NG.reshape<tf.Tensor3D>([...input.shape.slice(0, -1), G]);
  });
}

function denseRows(input_NF: tf.Tensor2D, weight_FG: tf.Tensor2D, bias_G: tf.Tensor1D): tf.Tensor2D {
  const layer = ownGradient('dense', (...args) => {
    const [input, weight, bias, save] = args as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc]; // what customGrad passes for three inputs
    save([input, weight]);
    return {
      value: addToLastAxis(matMul(input, weight), bias),
      gradFunc: (gradient_NG: tf.Tensor, saved: tf.Tensor[]) => {
        const [x, w] = saved as [tf.Tensor, tf.Tensor]; // as saved above
        return [
          matMul(gradient_NG, w, { transposeB: true }),
          matMul(x, gradient_NG, { transposeA: true }),
          sumToLastAxis(gradient_NG),
        ];
      },
    };
  });
  return layer(input_NF, weight_FG, bias_G) as tf.Tensor2D; // [N, F] · [F, G]
}
