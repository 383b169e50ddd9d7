import { inspect } from 'node:util';
import { AssayError } from '@assay/core';
import type { OptimizerOptions } from '../optimizers/optimizer-options.js';
import type { ModelDefinition } from './model-definition.js';

/** How a model is compiled. */
export interface CompileOptions {
  optimizer: OptimizerOptions;
  /** Seed of the start values and of random ops, an integer in [0, 2³²), default 0: equal seeds give equal runs. */
  seed?: number;
  /** Start values by parameter or state; the others are drawn. */
  initial?: Readonly<Record<string, Float32Array>>;
  /** Parameters that training leaves alone: their part of the backward pass is not computed. */
  freeze?: RegExp | ((name: string) => boolean);
  /** Gradients are scaled down to this global norm, > 0 and finite; default: never. */
  clipNorm?: number;
  /**
   * Whether a step whose loss or gradient is not finite changes nothing and fails, default true. Without it and without
   * `clipNorm` the norm of the gradient is not computed.
   */
  checkFinite?: boolean;
  /** Whether steps may be made of several batches (`stepAccumulated`), which keeps one more copy of the gradients. */
  accumulate?: boolean;
  /** In [0, 1): keeps a moving average of the parameters, average ← decay · average + (1 − decay) · parameter after each step. */
  averageDecay?: number;
  /** `bfloat16` computes matrix products and convolutions in it; weights, sums and updates stay in float32. */
  precision?: 'float32' | 'bfloat16';
  /** Lets XLA compile what it can, default false: slower on the CPUs that were measured. */
  xla?: boolean;
  /** Where the graph lies, like `/GPU:1`; default: where TensorFlow puts it. */
  device?: string;
}

interface Rule {
  fits: (value: unknown) => boolean;
  expected: string;
}

const numberThat = (fits: (value: number) => boolean, expected: string): Rule => ({
  fits: (value) => typeof value === 'number' && fits(value),
  expected,
});

const isRegExp = (value: unknown): boolean => Object.prototype.toString.call(value) === '[object RegExp]'; // by tag: realms differ

/** Every option, for the type checker to see that none is missing. */
const OPTIONS: Readonly<Record<keyof CompileOptions, true>> = {
  ...{ optimizer: true, seed: true, initial: true, freeze: true, clipNorm: true, checkFinite: true },
  ...{ accumulate: true, averageDecay: true, precision: true, xla: true, device: true },
};

/** What options that are given must be like. Random ops take seeds as 32 bits: others would draw alike. */
const RULES: Readonly<Partial<Record<keyof CompileOptions, Rule>>> = {
  seed: numberThat((x) => Number.isInteger(x) && x >= 0 && x < 2 ** 32, 'an integer in [0, 2³²)'),
  averageDecay: numberThat((x) => x >= 0 && x < 1, 'in [0, 1)'),
  clipNorm: numberThat((x) => x > 0 && Number.isFinite(x), '> 0 and finite'),
  precision: {
    fits: (value) => value === 'float32' || value === 'bfloat16',
    expected: "'float32' or 'bfloat16'",
  },
  freeze: {
    fits: (value) => typeof value === 'function' || isRegExp(value),
    expected: 'a regular expression or a function',
  },
};

/**
 * Checks what types do not: options come from JSON and YAML, too. Those of the optimiser are checked where it is made.
 *
 * @throws USAGE when an option is unknown or out of range, or a start value belongs to nothing
 */
export function checkOptions(model: ModelDefinition, options: CompileOptions): void {
  const given = new Map<string, unknown>(Object.entries(options));
  const unknown = [...given.keys()].find((name) => !(name in OPTIONS));
  if (unknown !== undefined)
    throw new AssayError(
      'USAGE',
      `There is no option '${unknown}'; there are ${Object.keys(OPTIONS).join(', ')}. Fix: name one of these.`,
    );
  for (const [name, { fits, expected }] of Object.entries(RULES)) {
    const value = given.get(name);
    if (value === undefined || fits(value)) continue;
    throw new AssayError(
      'USAGE',
      `${name} must be ${expected}; got ${inspect(value)}. Fix: change it, or leave it out.`,
    );
  }
  const names = Object.keys({ ...model.parameters, ...model.state });
  const other = Object.keys(options.initial ?? {}).find((name) => !names.includes(name));
  if (other !== undefined)
    throw new AssayError(
      'USAGE',
      `initial gives '${other}' a value, and the model has no such parameter or state; it has ${names.slice(0, 20).join(', ')}. Fix: name one of these.`,
    );
}
