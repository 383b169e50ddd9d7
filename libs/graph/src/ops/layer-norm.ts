import { tf } from '@assay/tensorflow';

/**
 * Layer normalisation over the last axis, with its own gradient (tfjs would tile mean and variance to full size).
 *
 * @param input […, F] float32
 * @param scale_F float32
 * @param offset_F float32
 * @param epsilon added to the variance
 * @returns a tensor like the input; gradients flow to all three. Caller disposes.
 * @see Ba et al. 2016, "Layer normalization"
 */
export function layerNorm<T extends tf.Tensor>(
  input: T,
  scale_F: tf.Tensor1D,
  offset_F: tf.Tensor1D,
  epsilon = 1e-6,
): T {
  return tf.tidy(() => {
    const leading = input.shape.slice(0, -1).map((_, axis) => axis);
    const normalise = tf.customGrad((...args) => {
      const [x, scale, offset, save] = args as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc]; // what customGrad passes for three inputs
      const centred = x.sub(x.mean(-1, true));
      const inverse = centred.square().mean(-1, true).add(epsilon).rsqrt();
      const normal = centred.mul(inverse);
      save([normal, inverse, scale]);
      return {
        value: normal.mul(scale).add(offset),
        gradFunc: (gradient: tf.Tensor, saved: tf.Tensor[]) => {
          const [n, r, s] = saved as [tf.Tensor, tf.Tensor, tf.Tensor]; // as saved above
          const d = gradient.mul(s);
          const slope = r.mul(d.sub(d.mean(-1, true)).sub(n.mul(d.mul(n).mean(-1, true))));
          return [slope, gradient.mul(n).sum(leading), gradient.sum(leading)];
        },
      };
    });
    return normalise(input, scale_F, offset_F) as T; // the shape of the input
  });
}
