/**
 * Ops that gain from bfloat16, with the inputs that are cast to it: products, whose sums TensorFlow keeps in float32.
 *
 * @see Kalamkar et al. 2019, "A study of BFLOAT16 for deep learning training"
 */
const PRODUCTS: Readonly<Record<string, readonly number[]>> = {
  Conv2D: [0, 1],
  Conv2DBackpropInput: [1, 2],
  Conv2DBackpropFilter: [0, 2],
  MatMul: [0, 1],
  BatchMatMulV2: [0, 1],
};

/** Ops that only move or gate values: they stay in bfloat16 when one of these inputs is. */
const FOLLOWERS: Readonly<Record<string, readonly number[]>> = {
  Relu: [0],
  ReluGrad: [0, 1],
  MaxPool: [0],
  MaxPoolGrad: [0, 1, 2],
  Reshape: [0],
  Transpose: [0],
  BiasAdd: [0, 1],
};

/**
 * Inputs of a float32 op that are taken in bfloat16 under mixed precision; empty when the op stays in float32, as all
 * reductions, normalisations, losses and updates do.
 *
 * @param isLow whether an input is the bfloat16 result of another op
 */
export function lowInputs(op: string, isLow: (input: number) => boolean): readonly number[] {
  const product = PRODUCTS[op];
  if (product !== undefined) return product;
  const follower = FOLLOWERS[op] ?? [];
  return follower.some(isLow) ? follower : [];
}
