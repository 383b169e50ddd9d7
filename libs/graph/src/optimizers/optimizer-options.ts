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
  for (const [name, value] of Object.entries(options)) assertSetting(name, value);
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

const BELOW_ONE = ['beta1', 'beta2', 'momentum'];

function assertSetting(name: string, value: unknown): void {
  if (typeof value !== 'number') return;
  const fits = value >= 0 && (BELOW_ONE.includes(name) ? value < 1 : Number.isFinite(value));
  if (fits) return;
  throw new AssayError(
    'USAGE',
    `The optimiser's ${name} must be ${BELOW_ONE.includes(name) ? 'in [0, 1)' : '≥ 0 and finite'}; got ${value}. Fix: change it.`,
  );
}
