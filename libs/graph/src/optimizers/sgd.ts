import { DATA_TYPE } from '../data-types.js';
import type { OutputRef } from '../graph-builder.js';
import type { GraphOptimizer, RowGradient, Update } from './graph-optimizer.js';
import { decayed } from './weight-decay.js';

interface SgdOptions {
  momentum: number;
  nesterov: boolean;
}

const T = { T: { type: DATA_TYPE.float32 }, use_locking: { b: false } };

/**
 * Gradient descent, with momentum velocity ← μ·velocity − lr·g and w ← w + velocity (Nesterov: w + μ·velocity − lr·g).
 *
 * @see Sutskever et al. 2013, "On the importance of initialization and momentum in deep learning"
 */
export function sgdOptimizer({ momentum, nesterov }: SgdOptions): GraphOptimizer {
  const withMomentum = momentum > 0;
  return {
    slots: withMomentum ? ['velocity'] : [],
    scalarsAt: () => ({}),
    update: (update, gradient) => {
      const { graph, parameter, learningRate, slot } = update;
      const controls = decayed(update);
      return [
        withMomentum
          ? graph.node(
              'ResourceApplyKerasMomentum',
              [parameter.handle, slot('velocity').handle, learningRate, gradient, graph.float(momentum)],
              { ...T, use_nesterov: { b: nesterov } },
              { controls },
            )
          : graph.node('ResourceApplyGradientDescent', [parameter.handle, learningRate, gradient], T, {
              controls,
            }),
      ];
    },
    updateRows: (update, gradient) => rowsOf(update, gradient, { momentum, nesterov }),
  };
}

function rowsOf(update: Update, { ids, rows }: RowGradient, { momentum, nesterov }: SgdOptions): OutputRef[] {
  const { graph, variables, parameter, learningRate, weightDecay, slot, after } = update;
  let delta = graph.binary('Mul', rows, learningRate);
  const results: OutputRef[] = [];
  if (momentum > 0) {
    const old = graph.binary('Mul', variables.rows(slot('velocity'), ids), graph.float(momentum));
    const velocity = graph.binary('Sub', old, delta);
    delta = nesterov
      ? graph.binary('Sub', delta, graph.binary('Mul', velocity, graph.float(momentum)))
      : graph.binary('Mul', velocity, graph.float(-1));
    results.push(variables.scatter('Update', slot('velocity'), ids, velocity, [delta, ...after]));
  }
  if (weightDecay > 0) {
    const share = graph.binary('Mul', learningRate, graph.float(weightDecay));
    delta = graph.binary('AddV2', delta, graph.binary('Mul', variables.rows(parameter, ids), share));
  }
  return [...results, variables.scatter('Sub', parameter, ids, delta, [delta, ...after])];
}
