import type { GraphBuilder, OutputRef } from '../graph-builder.js';
import { movedMoments, type AdamSettings } from './adam.js';
import type { GraphOptimizer, RowGradient, Update } from './graph-optimizer.js';

/**
 * LAMB: Adam's direction u = m̂ / (√v̂ + ε) + decay·w, scaled per parameter by ‖w‖ / ‖u‖ (1 when either is 0):
 * w ← w − lr·‖w‖/‖u‖·u. For large batches.
 *
 * @see You et al. 2020, "Large batch optimization for deep learning: training BERT in 76 minutes"
 */
export function lambOptimizer(settings: AdamSettings): GraphOptimizer {
  return {
    slots: ['moment1', 'moment2'],
    scalarsAt: (step) => ({
      beta1Power: settings.beta1 ** step,
      beta2Power: settings.beta2 ** step,
    }),
    update: (update, gradient) => {
      const { variables, parameter, slot, after } = update;
      const [first, second] = [slot('moment1'), slot('moment2')];
      const old = [variables.value(first.name), variables.value(second.name)] as const;
      const value = variables.value(parameter.name);
      const { moment1, moment2, next } = moved(update, gradient, { old, value }, settings);
      return [
        variables.assign(first, moment1, after),
        variables.assign(second, moment2, after),
        variables.assign(parameter, next, after),
      ];
    },
    updateRows: (update, gradient) => updateRows(update, gradient, settings),
  };
}

/** The trust ratio of a sparse table is that of the rows that the batch uses. */
function updateRows(update: Update, { ids, rows }: RowGradient, settings: AdamSettings): OutputRef[] {
  const { variables, parameter, slot, after } = update;
  const [first, second] = [slot('moment1'), slot('moment2')];
  const old = [variables.rows(first, ids), variables.rows(second, ids)] as const;
  const value = variables.rows(parameter, ids);
  const { moment1, moment2, next } = moved(update, rows, { old, value }, settings);
  const controls = [next, ...after];
  return [
    variables.scatter('Update', first, ids, moment1, controls),
    variables.scatter('Update', second, ids, moment2, controls),
    variables.scatter('Update', parameter, ids, next, controls),
  ];
}

interface Present {
  old: readonly [OutputRef, OutputRef];
  value: OutputRef;
}

function moved(update: Update, gradient: OutputRef, { old, value }: Present, settings: AdamSettings) {
  const { graph, scalars, learningRate, weightDecay } = update;
  const { moment1, moment2 } = movedMoments(update, gradient, old, settings);
  const unbiased = (moment: OutputRef, power: OutputRef | undefined): OutputRef =>
    graph.binary('RealDiv', moment, graph.binary('Sub', graph.float(1), power ?? ''));
  const root = graph.unary('Sqrt', unbiased(moment2, scalars.beta2Power));
  const adam = graph.binary(
    'RealDiv',
    unbiased(moment1, scalars.beta1Power),
    graph.binary('AddV2', root, graph.float(settings.epsilon)),
  );
  const direction =
    weightDecay > 0
      ? graph.binary('AddV2', adam, graph.binary('Mul', value, graph.float(weightDecay)))
      : adam;
  const rate = graph.binary('Mul', learningRate, trustRatio(graph, value, direction));
  const next = graph.binary('Sub', value, graph.binary('Mul', direction, rate));
  return { moment1, moment2, next };
}

/** ‖w‖ / ‖u‖, and 1 when either is 0. */
function trustRatio(graph: GraphBuilder, value: OutputRef, direction: OutputRef): OutputRef {
  const squares = [value, direction].map((tensor) => graph.unary('L2Loss', tensor)); // halves, which the ratio cancels
  const [over = '', under = ''] = squares;
  const ratio = graph.unary('Sqrt', graph.binary('RealDiv', over, under));
  const isPositive = (tensor: OutputRef): OutputRef => graph.compare('Greater', tensor, graph.float(0));
  const both = graph.node('LogicalAnd', [isPositive(over), isPositive(under)]);
  return graph.select(both, ratio, graph.float(1));
}
