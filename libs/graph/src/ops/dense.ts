import { tf } from '@assay/tensorflow';
import { boolAttribute, nativeOp, stringAttribute, typeAttribute } from './native-op.js';

/**
 * input · weight + bias, as MatMul and BiasAdd, which TensorFlow fuses in a graph.
 *
 * @param input_NF float32
 * @param weight_FG float32
 * @param bias_G float32
 * @returns output_NG float32; gradients flow to all three. Caller disposes.
 */
export function dense(input_NF: tf.Tensor2D, weight_FG: tf.Tensor2D, bias_G: tf.Tensor1D): tf.Tensor2D {
  return tf.tidy(() => {
    const layer = tf.customGrad((...args) => {
      const [input, weight, bias, save] = args as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc]; // what customGrad passes for three inputs
      save([input, weight]);
      return {
        value: nativeOp('BiasAdd', [typeAttribute('T'), NHWC], [matMul(input, weight), bias]),
        gradFunc: (gradient_NG: tf.Tensor, saved: tf.Tensor[]) => {
          const [x, w] = saved as [tf.Tensor, tf.Tensor]; // as saved above
          return [
            matMul(gradient_NG, w, { transposeB: true }),
            matMul(x, gradient_NG, { transposeA: true }),
            nativeOp('BiasAddGrad', [typeAttribute('T'), NHWC], [gradient_NG]),
          ];
        },
      };
    });
    return layer(input_NF, weight_FG, bias_G) as tf.Tensor2D; // [N, F] · [F, G]
  });
}

const NHWC = stringAttribute('data_format', 'NHWC');

function matMul(a: tf.Tensor, b: tf.Tensor, { transposeA = false, transposeB = false } = {}): tf.Tensor {
  return nativeOp(
    'MatMul',
    [typeAttribute('T'), boolAttribute('transpose_a', transposeA), boolAttribute('transpose_b', transposeB)],
    [a, b],
  );
}
