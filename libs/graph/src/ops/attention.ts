import { AssayError } from '@assay/core';
import { tf } from '@assay/tensorflow';
import {
  attendedHeads,
  attentionSlopes,
  hasDropout,
  type AttentionInputs,
  type AttentionState,
} from './attention-heads.js';
import { assertType } from './assert-type.js';
import { assertDropout } from './dropout-mask.js';
import { ownGradient } from './own-gradient.js';
import { shapeMismatch } from './shape-mismatch.js';

/**
 * Multi-head attention between the projections of its inputs and that of its output: softmax(q·kᵀ/√E)·v in each head,
 * where E is D / numHeads. The gradient keeps the probabilities, not the scores.
 *
 * @returns output_BTD float32; zeros, with zero gradients, for a query that sees no key. Gradients flow to query, key
 *   and value. Caller disposes.
 * @throws SHAPE_MISMATCH when B, S, D or the heads do not fit
 * @throws DTYPE_MISMATCH when a tensor is not float32
 * @see Vaswani et al. 2017, "Attention is all you need", section 3.2
 */
export function attention(inputs: AttentionInputs): tf.Tensor3D {
  assertAttention(inputs);
  const { query_BTD, key_BSD, value_BSD, mask_BS } = inputs;
  return tf.tidy(() => {
    const attend = ownGradient('attention', (...args) => {
      const [query, key, value, save] = args as [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D, tf.GradSaveFunc]; // what customGrad passes for three inputs
      const state = attendedHeads({ ...inputs, query_BTD: query, key_BSD: key, value_BSD: value });
      save([...state, ...(mask_BS === undefined ? [] : [mask_BS])]);
      return {
        value: state[5],
        gradFunc: (gradient_BTD: tf.Tensor, saved: tf.Tensor[]) => {
          const mask = saved[state.length];
          const restored = saved.slice(0, state.length) as AttentionState; // as saved above
          const slopes = attentionSlopes(gradient_BTD as tf.Tensor3D, restored, hasDropout(inputs)); // the gradient of a [B, T, D]
          const [slopeQuery, slopeKey, slopeValue] = slopes;
          return [slopeQuery, slopeKey, mask === undefined ? slopeValue : slopeValue.mul(mask.expandDims(2))];
        },
      };
    });
    return attend(query_BTD, key_BSD, value_BSD); // shaped like the queries
  });
}

function assertAttention({
  query_BTD,
  key_BSD,
  value_BSD,
  mask_BS,
  numHeads,
  ...inputs
}: AttentionInputs): void {
  const [B, T, D] = query_BTD.shape;
  const S = key_BSD.shape[1];
  const got = { query_BTD, key_BSD, value_BSD, mask_BS };
  const fits = [key_BSD, value_BSD].every(({ shape }) => String(shape) === String([B, S, D]));
  if (!fits || (mask_BS !== undefined && String(mask_BS.shape) !== String([B, S]))) {
    throw shapeMismatch(
      'attention',
      'one key, value and mask value per position',
      got,
      'make B, S and D equal',
    );
  }
  if (inputs.causal === true && T !== S)
    throw shapeMismatch('attention', 'as many keys as queries when it is causal', got, 'make T and S equal');
  if (!Number.isInteger(numHeads) || numHeads < 1 || D % numHeads !== 0) {
    throw new AssayError(
      'SHAPE_MISMATCH',
      `attention needs a number of heads that divides D=${D}; got ${numHeads}. Fix: choose another number.`,
    );
  }
  assertType('attention', 'float32', got);
  if (inputs.dropout !== undefined) assertDropout('attention', inputs.dropout.rate, inputs.dropout.seed_2);
}
