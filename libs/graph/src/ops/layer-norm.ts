import { tf } from '@assay/tensorflow';
import { DATA_TYPE } from '../data-types.js';
import { inFullPrecision } from '../recording.js';
import { addToLastAxis, sumToLastAxis } from './last-axis.js';
import { matMul } from './matrix-product.js';
import { boolAttribute, nativeOp, typeAttribute } from './native-op.js';
import { ownGradient } from './own-gradient.js';
import { shapeMismatch } from './shape-mismatch.js';

/**
 * Layer normalisation over the last axis, with its own gradient (tfjs would tile mean and variance to full size).
 *
 * @param input […, F] float32
 * @param scale_F float32
 * @param offset_F float32
 * @param epsilon added to the variance
 * @returns a tensor like the input; gradients flow to all three. Caller disposes.
 * @throws SHAPE_MISMATCH when F differs
 * @see Ba et al. 2016, "Layer normalization"
 */
export function layerNorm<T extends tf.Tensor>(
  input: T,
  scale_F: tf.Tensor1D,
  offset_F: tf.Tensor1D,
  epsilon = 1e-6,
): T {
  const F = input.shape.at(-1);
  if (F === undefined || F !== scale_F.size || F !== offset_F.size) {
    const got = { input, scale_F, offset_F };
    throw shapeMismatch('layerNorm', 'one scale and one offset per feature', got, 'make F equal');
  }
  return tf.tidy(() => {
    const normalise = ownGradient('layerNorm', (...args) => {
      const [x, scale, offset, save] = args as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc]; // what customGrad passes for three inputs
      const { normal_NF, inverse_N1 } = normalised(x.reshape([-1, F]), epsilon);
      save([normal_NF, inverse_N1, scale]);
      return {
        value: addToLastAxis(normal_NF.mul(scale), offset).reshape(x.shape),
        gradFunc: (gradient: tf.Tensor, saved: tf.Tensor[]) => {
          const [normal, inverse, s_F] = saved as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D]; // as saved above
          const [slope_NF, ...others] = gradients(gradient.reshape([-1, F]), normal, inverse, s_F);
          return [slope_NF.reshape(gradient.shape), ...others];
        },
      };
    });
    return normalise(input, scale_F, offset_F) as T; // the shape of the input
  });
}

/** Rows of mean 0 and variance 1. Centred before it is squared: E[x²] − E[x]² would lose the digits of a large mean. */
function normalised(
  input_NF: tf.Tensor2D,
  epsilon: number,
): { normal_NF: tf.Tensor2D; inverse_N1: tf.Tensor2D } {
  const [, F] = input_NF.shape;
  const centred_NF = input_NF.sub<tf.Tensor2D>(input_NF.mean(1, true));
  const inverse_N1 = rowNorm(centred_NF)
    .square()
    .mul(1 / F)
    .add<tf.Tensor2D>(epsilon)
    .rsqrt();
  return { normal_NF: centred_NF.mul(inverse_N1), inverse_N1 };
}

/** Length of each row in one pass; square and sum would write the squares to memory. */
function rowNorm(input_NF: tf.Tensor2D): tf.Tensor2D {
  const attributes = [
    typeAttribute('T'),
    typeAttribute('Tidx', DATA_TYPE.int32),
    boolAttribute('keep_dims', true),
  ];
  return nativeOp('EuclideanNorm', attributes, [input_NF, tf.scalar(1, 'int32')]);
}

/**
 * Gradients of the input, the scale and the offset. The means over F of g·s and g·s·n are products with the vector s/F,
 * which write one number per row.
 */
function gradients(
  gradient_NF: tf.Tensor2D,
  normal_NF: tf.Tensor2D,
  inverse_N1: tf.Tensor2D,
  scale_F: tf.Tensor1D,
): [tf.Tensor, tf.Tensor, tf.Tensor] {
  const [F] = scale_F.shape;
  const share_F1 = scale_F.mul(1 / F).reshape([F, 1]);
  const meanOver = (of_NF: tf.Tensor): tf.Tensor => inFullPrecision(() => matMul(of_NF, share_F1));
  const aligned_NF = gradient_NF.mul(normal_NF);
  const slope_NF = gradient_NF
    .mul(scale_F)
    .sub(normal_NF.mul(meanOver(aligned_NF)))
    .sub(meanOver(gradient_NF))
    .mul(inverse_N1);
  return [slope_NF, sumToLastAxis(aligned_NF), sumToLastAxis(gradient_NF)];
}
