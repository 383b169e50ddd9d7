import { inspect } from 'node:util';
import { AssayError } from '@assay/core';
import { adamOptimizer } from './adam.js';
import type { GraphOptimizer } from './graph-optimizer.js';
import { lambOptimizer } from './lamb.js';
import { sgdOptimizer } from './sgd.js';

interface AdamOptions {
  /** Decay of the mean of the gradients, default 0.9. */
  beta1?: number;
  /** Decay of the mean of their squares, default 0.999. */
  beta2?: number;
  /** Default 1e-7. */
  epsilon?: number;
}

interface DecayOptions {
  /** Part of a weight that a step with learning rate 1 takes away, apart from the gradient; default 0.01. */
  weightDecay?: number;
}

/** An optimiser and its settings. Learning rates come with every step. */
export type OptimizerOptions =
  | { kind: 'sgd'; momentum?: number; nesterov?: boolean; weightDecay?: number }
  | ({ kind: 'adam' } & AdamOptions)
  | ({ kind: 'adamw' } & AdamOptions & DecayOptions)
  | ({ kind: 'lamb' } & AdamOptions & DecayOptions);

/** The optimiser and the weight decay that the options ask for. */
export function optimizerOf(options: OptimizerOptions): { optimizer: GraphOptimizer; weightDecay: number } {
  assertSettings(options);
  if (options.kind === 'sgd') {
    const { momentum = 0, nesterov = false, weightDecay = 0 } = options;
    return { optimizer: sgdOptimizer({ momentum, nesterov }), weightDecay };
  }
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 } = options;
  const make = options.kind === 'lamb' ? lambOptimizer : adamOptimizer;
  return {
    optimizer: make({ beta1, beta2, epsilon }),
    weightDecay: options.kind === 'adam' ? 0 : (options.weightDecay ?? 0.01),
  };
}

const KINDS = ['sgd', 'adam', 'adamw', 'lamb'];
const BELOW_ONE = { fits: (value: number) => value < 1, expected: 'in [0, 1)' };
const FINITE = { fits: Number.isFinite, expected: '≥ 0 and finite' };
const RANGES = {
  beta1: BELOW_ONE,
  beta2: BELOW_ONE,
  momentum: BELOW_ONE,
  epsilon: FINITE,
  weightDecay: FINITE,
};

/** @param options from anywhere: types do not hold for JSON and YAML */
function assertSettings(options: unknown): void {
  const settings = new Map<string, unknown>(Object.entries(options ?? {}));
  const kind = settings.get('kind');
  if (typeof kind !== 'string' || !KINDS.includes(kind))
    throw new AssayError(
      'USAGE',
      `There is no optimiser '${String(kind)}'; there are ${KINDS.join(', ')}. Fix: name one of these.`,
    );
  for (const [name, { fits, expected }] of Object.entries(RANGES)) {
    const value = settings.get(name);
    if (value === undefined || (typeof value === 'number' && value >= 0 && fits(value))) continue;
    throw new AssayError(
      'USAGE',
      `The optimiser's ${name} must be ${expected}; got ${inspect(value)}. Fix: change it.`,
    );
  }
}
