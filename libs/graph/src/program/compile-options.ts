import { inspect } from 'node:util';
import { AssayError } from '@assay/core';
import { axesOf, BATCH } from '../axes.js';
import {
  ANYTHING,
  BOOLEAN,
  checkSettings,
  listed,
  numberThat,
  RECORD,
  TEXT,
  type Rule,
} from '../check-settings.js';
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
   * Whether a step whose loss or gradient is not finite changes nothing and fails, default true. New values of the state are
   * not looked at. Without it and without `clipNorm` the norm of the gradient is not computed.
   */
  checkFinite?: boolean;
  /**
   * Whether steps may be made of several batches (`stepAccumulated`), which keeps one more copy of the gradients. Batches are
   * weighed by the length of the axis B; without named axes all weigh the same.
   */
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

const isRegExp = (value: unknown): boolean => Object.prototype.toString.call(value) === '[object RegExp]'; // by tag: realms differ

/** What options that are given must be like. Random ops take seeds as 32 bits: others would draw alike. */
const RULES: Readonly<Record<keyof CompileOptions, Rule>> = {
  optimizer: ANYTHING, // where it is made
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
  initial: RECORD,
  checkFinite: BOOLEAN,
  accumulate: BOOLEAN,
  xla: BOOLEAN,
  device: TEXT,
};

/** @throws USAGE when the rows of a batch, by which the batches of a step are weighed, lie on no axis B */
function assertRows({ inputs, targets }: ModelDefinition): void {
  const axes = axesOf(Object.values({ ...inputs, ...targets }).map(({ shape }) => shape));
  if (axes.length === 0 || axes.includes(BATCH)) return;
  throw new AssayError(
    'USAGE',
    `accumulate weighs the batches of a step by their rows, the axis B; the inputs have the axes ${listed(axes)}. Fix: name the axis of the rows B.`,
  );
}

/**
 * Checks options; those of the optimiser are checked where it is made.
 *
 * @throws USAGE when an option is unknown or out of range, a start value belongs to nothing or is NaN, or gradients are to be
 *   accumulated over batches without the axis B
 */
export function checkOptions(model: ModelDefinition, options: CompileOptions): void {
  if (!RECORD.fits(options))
    throw new AssayError(
      'USAGE',
      `The options must be an object; got ${inspect(options)}. Fix: pass at least { optimizer: { kind: 'adamw' } }.`,
    );
  checkSettings(options, RULES, { noun: 'option' });
  if (options.accumulate === true) assertRows(model);
  const names = Object.keys({ ...model.parameters, ...model.state });
  for (const [name, values] of Object.entries(options.initial ?? {})) {
    if (!names.includes(name))
      throw new AssayError(
        'USAGE',
        `initial gives '${name}' a value, and the model has no such parameter or state; it has ${listed(names)}. Fix: name one of these.`,
      );
    if (!ArrayBuffer.isView(values) || !values.includes(NaN)) continue; // what is no Float32Array is refused later
    throw new AssayError(
      'USAGE',
      `initial gives '${name}' a NaN at position ${values.findIndex(Number.isNaN)}. Fix: start from numbers.`,
    );
  }
}

/**
 * Names of the parameters that training changes.
 *
 * @throws USAGE when a pattern of `freeze` fits none, or nothing is left to train
 */
export function trainableOf(model: ModelDefinition, freeze: CompileOptions['freeze']): string[] {
  // `search` starts at the first letter, where `test` of a pattern with the flag g or y goes on from its last find.
  const isFrozen = (name: string): boolean =>
    typeof freeze === 'function' ? freeze(name) : freeze !== undefined && name.search(freeze) >= 0;
  const names = Object.keys(model.parameters);
  const trainable = names.filter((name) => !isFrozen(name));
  if (trainable.length === 0)
    throw new AssayError('USAGE', 'No parameter is left to train. Fix: freeze fewer of them.');
  if (isRegExp(freeze) && trainable.length === names.length)
    throw new AssayError(
      'USAGE',
      `freeze ${String(freeze)} fits no parameter; there are ${listed(names)}. Fix: change the pattern, or leave it out.`,
    );
  return trainable;
}
