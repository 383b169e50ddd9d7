import type { GraphBuilder, OutputRef } from '../graph-builder.js';
import type { GraphVariable, GraphVariables } from '../program/graph-variables.js';

/** Gradient of a table by rows: `rows` [N, D] belong to the distinct `ids` [N]. */
export interface RowGradient {
  ids: OutputRef;
  rows: OutputRef;
}

/** What an optimiser needs to update one parameter. */
export interface Update {
  graph: GraphBuilder;
  variables: GraphVariables;
  parameter: GraphVariable;
  /** The parameter's variable of a slot. */
  slot: (name: string) => GraphVariable;
  /** float32 scalar. */
  learningRate: OutputRef;
  /** float32 scalars that `scalarsAt` names. */
  scalars: Readonly<Record<string, OutputRef>>;
  /** Part of the parameter that a step with learning rate 1 takes away; 0 for parameters without decay. */
  weightDecay: number;
  /** Nodes that must have run before anything is changed. */
  after: readonly OutputRef[];
}

/** Adds the nodes of an optimiser to a graph. */
export interface GraphOptimizer {
  /** Names of the variables that it keeps per parameter, of its shape and zero at the start. */
  slots: readonly string[];
  /** Numbers that depend on the step, fed with every step. @param step from 1 */
  scalarsAt: (step: number) => Record<string, number>;
  /** @returns nodes after which the parameter is updated */
  update: (update: Update, gradient: OutputRef) => OutputRef[];
  /** The update of the rows that a batch uses; other rows and their slots stand still. */
  updateRows: (update: Update, gradient: RowGradient) => OutputRef[];
}
