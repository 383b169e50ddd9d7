import { DATA_TYPE } from '../data-types.js';
import type { GraphBuilder, OutputRef } from '../graph-builder.js';
import { SCHEDULE_NODE } from './emission.js';

const { float32, int32 } = DATA_TYPE;

/** What is fed to `schedule`, in order: int32, then the bits of float32 values. */
export interface ScheduleLayout {
  /** Groups of parameters that have a learning rate of their own. */
  groups: readonly string[];
  /** Names of the numbers that the optimiser wants with every step. */
  scalars: readonly string[];
  scalarsAt: (step: number) => Record<string, number>;
}

/** Nodes of the numbers that are fed with a step. */
export interface Schedule {
  draw: OutputRef;
  /** Share of a batch in its step. */
  share: OutputRef;
  rates: Readonly<Record<string, OutputRef>>;
  scalars: Readonly<Record<string, OutputRef>>;
}

/** Adds the placeholder of a step's numbers and takes them apart. */
export function addSchedule(graph: GraphBuilder, { groups, scalars }: ScheduleLayout): Schedule {
  const length = 2 + groups.length + scalars.length;
  const [draw = '', ...bits] = graph.unpack(graph.placeholder(SCHEDULE_NODE, int32, [length]), length, int32);
  const [share = '', ...floats] = bits.map((word) => graph.bitcast(word, int32, float32));
  const named = (names: readonly string[], from: number): Record<string, OutputRef> =>
    Object.fromEntries(names.map((name, i) => [name, floats[from + i] ?? '']));
  return { draw, share, rates: named(groups, 0), scalars: named(scalars, groups.length) };
}
