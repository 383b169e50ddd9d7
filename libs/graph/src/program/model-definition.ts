import type { tf } from '@assay/tensorflow';
import type { AxisLength } from '../axes.js';
import type { Initializer } from './initial-values.js';

/** A tensor that training changes. */
export interface ParameterSpec {
  shape: readonly number[];
  init: Initializer;
  /** Whether weight decay applies; default: to matrices, kernels and tables, not to biases and scales (one axis or none). */
  decay?: boolean;
  /** Parameters of one group share a learning rate; default `default`. */
  group?: string;
  /**
   * For tables that are only read by `embeddingLookup` or `embeddingBag`: a step then costs by the rows that it uses.
   * The moments of other rows stand still, so with ids that vary it is not the same as the dense update.
   */
  sparse?: boolean;
}

/** A tensor that a step replaces by a value of its own, like the moving averages of batch normalisation. */
export interface StateSpec {
  shape: readonly number[];
  init: Initializer;
}

/** What is fed for every batch. */
export interface InputSpec {
  /** `uint8` is fed as bytes; the model function sees an int32 tensor. */
  dtype: 'float32' | 'int32' | 'uint8';
  /** A name like `'B'` or `'L'` is an axis whose length differs from batch to batch; null is `'B'`. */
  shape: readonly AxisLength[];
  /**
   * Ids must lie in [0, below). Found without being told where an input is looked up as it is in a table of the parameters
   * or the state, since the kernel of a GPU does not check it.
   */
  below?: number;
}

export type Tensors = Readonly<Record<string, tf.Tensor>>;

/** What a model function may ask for beside tensors. */
export interface StepContext {
  /** Whether dropout is on and state is updated. */
  readonly training: boolean;
  /** int32 [2] for an op that draws on the device; differs from call to call and from step to step. */
  seed(): tf.Tensor1D;
  /** Dropout while training, nothing otherwise. @param rate in [0, 1) */
  dropout<T extends tf.Tensor>(x: T, rate: number): T;
  /** Adds normal noise while training, nothing otherwise. @param deviation ≥ 0 */
  noise<T extends tf.Tensor>(x: T, deviation: number): T;
  /** Value of a state after this step; nothing happens when not training. */
  update(name: string, value: tf.Tensor): void;
  /**
   * Runs a part of the model without keeping what it computes for the backward pass, which runs it again: less memory
   * for more time.
   *
   * @param inputs tensors that the part takes; gradients flow to them
   * @param values the parameters that it uses; gradients flow to them too. One that the part does not use is not trained by it
   * @see Chen et al. 2016, "Training deep nets with sublinear memory cost"
   */
  recompute<T extends tf.Tensor>(
    inputs: readonly tf.Tensor[],
    values: Tensors,
    part: (inputs: readonly tf.Tensor[], values: Tensors) => T,
  ): T;
}

/** What a model function gives for a batch. */
export interface StepOutputs {
  /** float32 scalar that training minimises. */
  loss: tf.Tensor;
  /** float32 scalars that are reported with every step. */
  metrics?: Tensors;
  /** Tensors of any shape that are reported with every step. */
  outputs?: Tensors;
}

/**
 * A model: what it consists of, and plain functions of tensors. `values` are the parameters and the state by name; the
 * functions may use any tfjs op whose kernel works without reading values.
 */
export interface ModelDefinition {
  parameters: Readonly<Record<string, ParameterSpec>>;
  state?: Readonly<Record<string, StateSpec>>;
  /** What prediction takes. */
  inputs: Readonly<Record<string, InputSpec>>;
  /** What only a loss takes: labels and weights. */
  targets?: Readonly<Record<string, InputSpec>>;
  /** @param batch inputs and targets by name */
  loss(values: Tensors, batch: Tensors, context: StepContext): StepOutputs;
  /** @param inputs without the targets */
  predict?(values: Tensors, inputs: Tensors, context: StepContext): Tensors;
}
