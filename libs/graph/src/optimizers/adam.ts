import { DATA_TYPE } from '../data-types.js';
import type { OutputRef } from '../graph-builder.js';
import type { GraphOptimizer, RowGradient, Update } from './graph-optimizer.js';
import { decayed } from './weight-decay.js';

export interface AdamSettings {
  beta1: number;
  beta2: number;
  epsilon: number;
}

/**
 * Adam with decoupled weight decay: w ← w·(1 − lr·decay) − lr·√(1−β₂ᵗ)/(1−β₁ᵗ) · m / (√v + ε).
 *
 * A sparse table gets the lazy form: rows that a batch does not use keep their value and their moments, so with ids that
 * vary it differs from the dense form.
 *
 * @see Kingma and Ba 2015, "Adam", in the "ε hat" form; Loshchilov and Hutter 2019 for the decay
 */
export function adamOptimizer(settings: AdamSettings): GraphOptimizer {
  const { beta1, beta2, epsilon } = settings;
  return {
    slots: ['moment1', 'moment2'],
    scalarsAt: (step) => ({ beta1Power: beta1 ** step, beta2Power: beta2 ** step }),
    update: (update, gradient) => {
      const { graph, parameter, slot, learningRate, scalars } = update;
      const handles = [parameter, slot('moment1'), slot('moment2')].map(({ handle }) => handle);
      const rates = [scalars.beta1Power ?? '', scalars.beta2Power ?? '', learningRate];
      const constants = [beta1, beta2, epsilon].map((value) => graph.float(value));
      const attributes = {
        T: { type: DATA_TYPE.float32 },
        use_locking: { b: false },
        use_nesterov: { b: false },
      };
      const inputs = [...handles, ...rates, ...constants, gradient];
      return [graph.node('ResourceApplyAdam', inputs, attributes, { controls: decayed(update) })];
    },
    updateRows: (update, gradient) => updateRows(update, gradient, settings),
  };
}

function updateRows(update: Update, { ids, rows }: RowGradient, settings: AdamSettings): OutputRef[] {
  const { graph, variables, parameter, slot, learningRate, weightDecay, scalars, after } = update;
  const [first, second] = [slot('moment1'), slot('moment2')];
  const { moment1, moment2 } = movedMoments(
    update,
    rows,
    [variables.rows(first, ids), variables.rows(second, ids)],
    settings,
  );
  const correction = graph.binary(
    'RealDiv',
    graph.unary('Sqrt', graph.binary('Sub', graph.float(1), scalars.beta2Power ?? '')),
    graph.binary('Sub', graph.float(1), scalars.beta1Power ?? ''),
  );
  const rate = graph.binary('Mul', learningRate, correction);
  const root = graph.binary('AddV2', graph.unary('Sqrt', moment2), graph.float(settings.epsilon));
  let delta = graph.binary('RealDiv', graph.binary('Mul', moment1, rate), root);
  if (weightDecay > 0) {
    const share = graph.binary('Mul', learningRate, graph.float(weightDecay));
    delta = graph.binary('AddV2', delta, graph.binary('Mul', variables.rows(parameter, ids), share));
  }
  const controls = [delta, ...after];
  return [
    variables.scatter('Update', first, ids, moment1, controls),
    variables.scatter('Update', second, ids, moment2, controls),
    variables.scatter('Sub', parameter, ids, delta, controls),
  ];
}

/** m ← β₁·m + (1−β₁)·g and v ← β₂·v + (1−β₂)·g². */
export function movedMoments(
  { graph }: Pick<Update, 'graph'>,
  gradient: OutputRef,
  [old1, old2]: readonly [OutputRef, OutputRef],
  { beta1, beta2 }: AdamSettings,
): { moment1: OutputRef; moment2: OutputRef } {
  const moved = (old: OutputRef, value: OutputRef, beta: number): OutputRef =>
    graph.binary(
      'AddV2',
      graph.binary('Mul', old, graph.float(beta)),
      graph.binary('Mul', value, graph.float(1 - beta)),
    );
  return {
    moment1: moved(old1, gradient, beta1),
    moment2: moved(old2, graph.unary('Square', gradient), beta2),
  };
}
