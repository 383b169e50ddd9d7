import type { OutputRef } from '../graph-builder.js';
import type { Update } from './graph-optimizer.js';

/**
 * Takes lr · decay of a parameter away from it, apart from its gradient.
 *
 * The product becomes the variable, which costs one pass over the memory; subtracting from it would cost two.
 *
 * @returns nodes to wait for before the parameter is changed further
 * @see Loshchilov and Hutter 2019, "Decoupled weight decay regularization"
 */
export function decayed({
  graph,
  variables,
  parameter,
  learningRate,
  weightDecay,
  after,
}: Update): readonly OutputRef[] {
  if (weightDecay === 0) return after;
  const share = graph.binary('Mul', learningRate, graph.float(weightDecay));
  const keep = graph.binary('Sub', graph.float(1), share);
  return [variables.assign(parameter, graph.binary('Mul', variables.value(parameter.name), keep), after)];
}
