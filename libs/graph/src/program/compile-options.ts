import type { OptimizerOptions } from '../optimizers/optimizer-options.js';

/** How a model is compiled. */
export interface CompileOptions {
  optimizer: OptimizerOptions;
  /** Seed of the start values and of random ops, default 0: equal seeds give equal runs. */
  seed?: number;
  /** Start values by parameter or state; the others are drawn. */
  initial?: Readonly<Record<string, Float32Array>>;
  /** Parameters that training leaves alone: their part of the backward pass is not computed. */
  freeze?: RegExp | ((name: string) => boolean);
  /** Gradients are scaled down to this global norm, > 0; default: never. */
  clipNorm?: number;
  /**
   * Whether a step whose loss or gradient is not finite changes nothing and fails, default true. Without it and without
   * `clipNorm` the norm of the gradient is not computed.
   */
  checkFinite?: boolean;
  /** Whether steps may be made of several batches (`stepAccumulated`), which keeps one more copy of the gradients. */
  accumulate?: boolean;
  /** Keeps a moving average of the parameters: average ← decay · average + (1 − decay) · parameter after each step. */
  averageDecay?: number;
  /** `bfloat16` computes matrix products and convolutions in it; weights, sums and updates stay in float32. */
  precision?: 'float32' | 'bfloat16';
  /** Lets XLA compile what it can, default false: slower on the CPUs that were measured. */
  xla?: boolean;
  /** Where the graph lies, like `/GPU:1`; default: where TensorFlow puts it. */
  device?: string;
}
