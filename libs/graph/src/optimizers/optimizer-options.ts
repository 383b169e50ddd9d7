import { inspect } from 'node:util';
import { AssayError } from '@assay/core';
import { ANYTHING, BOOLEAN, checkSettings, numberThat, type Rule } from '../check-settings.js';
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

const BELOW_ONE = numberThat((x) => x >= 0 && x < 1, 'in [0, 1)');
const FINITE = numberThat((x) => x >= 0 && Number.isFinite(x), '≥ 0 and finite');
const DECAY = { weightDecay: FINITE };
const ADAM = { kind: ANYTHING, beta1: BELOW_ONE, beta2: BELOW_ONE, epsilon: FINITE };

/** Every setting by kind. */
const RULES: Readonly<Record<OptimizerOptions['kind'], Readonly<Record<string, Rule>>>> = {
  sgd: { kind: ANYTHING, momentum: BELOW_ONE, nesterov: BOOLEAN, ...DECAY },
  adam: ADAM,
  adamw: { ...ADAM, ...DECAY },
  lamb: { ...ADAM, ...DECAY },
};

/** @param options from anywhere: types do not hold for JSON and YAML */
function assertSettings(options: unknown): void {
  const kinds = Object.keys(RULES);
  if (typeof options === 'string')
    throw new AssayError(
      'USAGE',
      `optimizer must be an object; got ${inspect(options)}. Fix: write { kind: '${kinds.includes(options) ? options : 'adamw'}' }.`,
    );
  const settings = new Map<string, unknown>(Object.entries(options ?? {}));
  const kind = kinds.find((known) => known === settings.get('kind'));
  if (kind === undefined)
    throw new AssayError(
      'USAGE',
      `There is no optimiser '${String(settings.get('kind'))}'; there are ${kinds.join(', ')}. Fix: name one of these.`,
    );
  const of = ` of the optimiser ${kind}`;
  checkSettings(Object.fromEntries(settings), RULES[kind as keyof typeof RULES], {
    noun: 'setting',
    of,
    prefix: "The optimiser's ",
  });
  if (settings.get('nesterov') !== true || Number(settings.get('momentum') ?? 0) > 0) return;
  throw new AssayError(
    'USAGE',
    `nesterov${of} needs a momentum above 0; got ${inspect(settings.get('momentum'))}. Fix: give one, like 0.9, or leave nesterov out.`,
  );
}
