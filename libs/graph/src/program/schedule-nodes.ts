import { AssayError } from '@assay/core';
import { assertRecord, listed, ownOf, unknownName } from '../check-settings.js';
import { DATA_TYPE } from '../data-types.js';
import type { GraphBuilder, OutputRef } from '../graph-builder.js';

const { float32, int32 } = DATA_TYPE;

/** When and how far a step goes. */
export interface StepSchedule {
  /** ≥ 0; or one per group of parameters. */
  learningRate: number | Readonly<Record<string, number>>;
  /** From 1: fixes what random ops draw and the bias correction of Adam. */
  step: number;
}

/** What is fed to `schedule`, in order: int32, then the bits of float32 values. */
export interface ScheduleLayout {
  /** Groups of parameters that have a learning rate of their own. */
  groups: readonly string[];
  /** Those of frozen parameters, too, whose rate has no effect. */
  allGroups: readonly string[];
  /** Names of the numbers that the optimiser wants with every step. */
  scalars: readonly string[];
  scalarsAt: (step: number) => Record<string, number>;
}

/** Nodes of the numbers that are fed with a step. */
export interface Schedule {
  /** Where all of them are fed. */
  feed: OutputRef;
  draw: OutputRef;
  /** Share of a batch in its step. */
  share: OutputRef;
  rates: Readonly<Record<string, OutputRef>>;
  scalars: Readonly<Record<string, OutputRef>>;
}

/** Adds the placeholder of a step's numbers and takes them apart. */
export function addSchedule(
  graph: GraphBuilder,
  { groups, scalars }: Pick<ScheduleLayout, 'groups' | 'scalars'>,
): Schedule {
  const length = 2 + groups.length + scalars.length;
  const feed = graph.placeholder('schedule', int32, [length]);
  const [draw = '', ...bits] = graph.unpack(feed, length, int32);
  const [share = '', ...floats] = bits.map((word) => graph.bitcast(word, int32, float32));
  const named = (names: readonly string[], from: number): Record<string, OutputRef> =>
    Object.fromEntries(names.map((name, i) => [name, floats[from + i] ?? '']));
  return { feed, draw, share, rates: named(groups, 0), scalars: named(scalars, groups.length) };
}

/** Odd, so that the parts of a step draw other numbers than each other and than the next steps. */
const PART_STRIDE = 0x9e3779b1;

/**
 * The words of a step, as `addSchedule` takes them.
 *
 * @param part number of the batch in its step, from 0
 * @param share of the batch in the rows of its step
 * @throws USAGE when there is none, when the step or a learning rate is out of range, or there is no such group
 */
export function scheduleWords(
  { groups, allGroups, scalars, scalarsAt }: ScheduleLayout,
  schedule: StepSchedule,
  part: number,
  share: number,
): Int32Array {
  assertRecord(schedule, 'A step needs', '{ learningRate, step }');
  const { learningRate, step } = schedule;
  if (!Number.isInteger(step) || step < 1)
    throw new AssayError(
      'USAGE',
      `A step is counted from 1; got ${step}. Fix: pass the number of this step.`,
    );
  const unknown = Object.keys(typeof learningRate === 'object' ? (learningRate ?? {}) : {}).find(
    (group) => !allGroups.includes(group),
  );
  if (unknown !== undefined) throw unknownName('group of parameters', unknown, allGroups);
  const rates = groups.map((group) => rateOf(learningRate, group, allGroups));
  const values = scalarsAt(step);
  const words = new Int32Array(2 + rates.length + scalars.length);
  words[0] = step + Math.imul(part, PART_STRIDE);
  new Float32Array(words.buffer).set([share, ...rates, ...scalars.map((name) => values[name] ?? NaN)], 1);
  return words;
}

function rateOf(
  learningRate: StepSchedule['learningRate'] | null,
  group: string,
  all: readonly string[],
): number {
  const rate = typeof learningRate === 'object' ? ownOf(learningRate ?? {}, group) : learningRate;
  if (typeof rate === 'number' && rate >= 0 && Number.isFinite(rate)) return rate;
  throw new AssayError(
    'USAGE',
    `The learning rate of the group '${group}' must be ≥ 0 and finite; got ${String(rate ?? 'none')}. Fix: pass one number, or one for each group (${listed(all)}).`,
  );
}
