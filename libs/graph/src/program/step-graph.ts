import { AssayError } from '@assay/core';
import { DATA_TYPE } from '../data-types.js';
import type { GraphBuilder, OutputRef } from '../graph-builder.js';
import type { RowGradient } from '../optimizers/graph-optimizer.js';
import { optimizerOf } from '../optimizers/optimizer-options.js';
import type { CompileOptions } from './compile-options.js';
import { averageName, fetched, type Emission, type FetchedOutput } from './emission.js';
import { clearAccumulated, sumOf, totalGradients, type Sums } from './accumulation-nodes.js';
import { addGradients, scaleGradients, type Gradients } from './gradient-nodes.js';
import type { GraphVariable, GraphVariables } from './graph-variables.js';
import type { ModelDefinition } from './model-definition.js';
import { addSchedule, type Schedule, type ScheduleLayout } from './schedule-nodes.js';
import type { TracedLoss } from './trace-model.js';

const { float32, int32 } = DATA_TYPE;

/** Nodes of one kind of step. */
export interface StepFetches {
  /** Vector of the loss, the norm of the gradient where it is computed, and the metrics; its fetch makes the step. */
  report: string;
  outputs: readonly FetchedOutput[];
}

export interface StepNodes {
  schedule: ScheduleLayout & { feed: string };
  metrics: readonly string[];
  hasNorm: boolean;
  /** Whether a step that is not finite changes nothing. */
  isGuarded: boolean;
  whole: StepFetches;
  accumulation?: AccumulationNodes;
}

export interface AccumulationNodes {
  /** Adds the gradients of a batch and changes nothing else but the state. */
  part: StepFetches;
  /** Ids that a part used, by sparse table: fed to the last part. */
  ids: Readonly<Record<string, { fetch: string; feed: string }>>;
  /** Adds the gradients of a batch, then makes the step. */
  last: StepFetches;
  /** Forgets the gradients. */
  cleared: string;
}

interface StepParts {
  graph: GraphBuilder;
  variables: GraphVariables;
  model: ModelDefinition;
  trace: TracedLoss;
  emitter: Emission;
  options: CompileOptions & { trainable: readonly string[] };
}

/** Adds the nodes of training steps: forward, backward, optimiser, state. */
export function addStep(parts: StepParts): StepNodes {
  return new StepBuilder(parts).build();
}

/** Nodes of a forward and a backward pass. */
interface Computed {
  /** The loss, then the metrics. */
  scalars: readonly OutputRef[];
  outputs: readonly FetchedOutput[];
  outputRefs: readonly OutputRef[];
  /** New values of the state. */
  states: readonly { name: string; value: OutputRef }[];
  gradients: Gradients;
}

class StepBuilder {
  readonly #parts: StepParts;
  readonly #optimizer;
  readonly #weightDecay: number;
  readonly #layout: ScheduleLayout;
  readonly #schedule: Schedule;
  readonly #slots = new Map<string, GraphVariable>();
  readonly #hasNorm: boolean;

  constructor(parts: StepParts) {
    this.#parts = parts;
    const { options, model } = parts;
    const { optimizer, weightDecay } = optimizerOf(options.optimizer);
    this.#optimizer = optimizer;
    this.#weightDecay = weightDecay;
    const groups = [...new Set(options.trainable.map((name) => groupOf(model, name)))];
    const { scalarsAt } = optimizer;
    const allGroups = [...new Set(Object.keys(model.parameters).map((name) => groupOf(model, name)))];
    this.#layout = { groups, allGroups, scalars: Object.keys(scalarsAt(1)), scalarsAt };
    this.#schedule = addSchedule(parts.graph, this.#layout);
    this.#hasNorm = options.clipNorm !== undefined || options.checkFinite !== false;
    for (const name of this.#trained()) {
      const { shape } = parts.variables.get(name);
      for (const slot of optimizer.slots) {
        const key = `optimizer/${slot}/${name}`;
        this.#slots.set(key, parts.variables.addZeros(key, shape));
      }
      if (options.averageDecay !== undefined) parts.variables.add(averageName(name), shape);
    }
  }

  build(): StepNodes {
    const { trace, options } = this.#parts;
    return {
      schedule: { ...this.#layout, feed: `${this.#schedule.feed}:0` },
      metrics: Object.keys(trace.metrics),
      hasNorm: this.#hasNorm,
      isGuarded: options.checkFinite !== false,
      whole: this.#addWhole(),
      accumulation: options.accumulate === true ? this.#addAccumulation() : undefined,
    };
  }

  /** Parameters that the loss depends on. */
  #trained(): string[] {
    return Object.keys(this.#parts.trace.gradients);
  }

  #addWhole(): StepFetches {
    const computed = this.#addBackward('step');
    return this.#finish('step', computed, computed.gradients);
  }

  /** Forward and backward pass. */
  #addBackward(scope: string): Computed {
    const { graph, trace, emitter, model } = this.#parts;
    const { metrics, outputs, updates, loss } = trace;
    const gradients = addGradients(trace, model);
    const wanted = [
      loss,
      ...Object.values(metrics),
      ...Object.values(outputs).map(({ ref }) => ref),
      ...Object.values(updates),
      ...gradients.refs,
    ];
    const refs = emitter.emit(trace, wanted, scope, { draw: this.#schedule.draw });
    const take = (count: number): OutputRef[] => refs.splice(0, count);
    const scalars = take(1 + Object.keys(metrics).length);
    const outputRefs = take(Object.keys(outputs).length);
    const states = take(Object.keys(updates).length);
    return {
      scalars,
      outputs: fetched(graph, Object.entries(outputs), outputRefs, scope),
      outputRefs,
      states: Object.keys(updates).map((name, i) => ({ name, value: states[i] ?? '' })),
      gradients: gradients.emit(graph, refs),
    };
  }

  /** Norm, clipping, the gate on finite values, and all updates. */
  #finish(
    scope: string,
    computed: Computed,
    raw: Gradients,
    {
      states = true,
      clear,
    }: { states?: boolean; clear?: (controls: readonly OutputRef[]) => OutputRef[] } = {},
  ): StepFetches {
    const { graph, options } = this.#parts;
    const { gradients, norm } = scaleGradients(graph, raw, {
      clipNorm: options.clipNorm,
      wanted: this.#hasNorm,
    });
    const [loss = '', ...metrics] = computed.scalars;
    const packed = graph.pack([loss, ...(norm === undefined ? [] : [norm]), ...metrics], float32);
    // Nothing may change before everything is computed: a node that reads a variable late would see the new value.
    const ready = graph.group(
      [packed, ...computed.outputRefs, ...computed.states.map(({ value }) => value), ...refsOf(gradients)],
      `${scope}/ready`,
    );
    const cleared = clear?.([ready]) ?? [];
    const report = this.#gated(scope, packed, { finite: [loss, norm], ready }, (go) => [
      ...(states ? this.#assignStates(computed.states, go) : []),
      ...Object.entries(gradients).flatMap(([name, gradient]) => this.#update(name, gradient, go)),
    ]);
    const done = graph.identity(report, float32, { name: `${scope}/report`, controls: cleared });
    return { report: `${done}:0`, outputs: computed.outputs };
  }

  /**
   * A report that is there once the updates are made, or once it is known that they must not be made. A node that waits
   * for a dead branch of a Switch does not run.
   */
  #gated(
    scope: string,
    packed: OutputRef,
    { finite, ready }: { finite: readonly (OutputRef | undefined)[]; ready: OutputRef },
    updates: (go: readonly OutputRef[]) => OutputRef[],
  ): OutputRef {
    const { graph, options } = this.#parts;
    if (options.checkFinite === false) return graph.identity(packed, float32, { controls: updates([ready]) });
    const checks = finite.flatMap((ref) => (ref === undefined ? [] : [isFinite(graph, ref)]));
    const all = checks.reduce((a, b) => graph.node('LogicalAnd', [a, b]));
    const off = graph.node('Switch', [packed, all], { T: { type: float32 } });
    const on = `${off}:1`;
    const go = graph.identity(on, float32, { name: `${scope}/go`, controls: [ready] });
    const made = graph.identity(on, float32, { controls: updates([go]) });
    return graph.node('Merge', [off, made], { T: { type: float32 }, N: { i: 2 } });
  }

  #assignStates(
    states: readonly { name: string; value: OutputRef }[],
    go: readonly OutputRef[],
  ): OutputRef[] {
    const { variables } = this.#parts;
    return states.map(({ name, value }) => variables.assignCopy(variables.get(name), value, go));
  }

  #update(name: string, gradient: OutputRef | RowGradient, after: readonly OutputRef[]): OutputRef[] {
    const { graph, variables, model, options } = this.#parts;
    const parameter = variables.get(name);
    const spec = model.parameters[name];
    const decays = spec?.decay ?? parameter.shape.length >= 2;
    const update = {
      graph,
      variables,
      parameter,
      slot: (slot: string) => this.#slots.get(`optimizer/${slot}/${name}`) ?? missingSlot(slot),
      learningRate: this.#schedule.rates[groupOf(model, name)] ?? '',
      scalars: this.#schedule.scalars,
      weightDecay: decays ? this.#weightDecay : 0,
      after,
    };
    const updated =
      typeof gradient === 'string'
        ? this.#optimizer.update(update, gradient)
        : this.#optimizer.updateRows(update, gradient);
    return options.averageDecay === undefined
      ? updated
      : [...updated, this.#moveAverage(parameter, options.averageDecay, updated)];
  }

  #moveAverage(parameter: GraphVariable, decay: number, updated: readonly OutputRef[]): OutputRef {
    const { graph, variables } = this.#parts;
    const average = variables.get(averageName(parameter.name));
    const value = variables.readAfter(parameter, updated);
    const old = variables.value(average.name);
    const moved = graph.binary('Mul', graph.binary('Sub', value, old), graph.float(1 - decay));
    return variables.assign(average, graph.binary('AddV2', old, moved), updated);
  }

  #addAccumulation(): AccumulationNodes {
    const { graph, variables, trace } = this.#parts;
    const sums = Object.fromEntries(
      this.#trained().map((name) => [
        name,
        variables.addZeros(`accumulated/${name}`, variables.get(name).shape),
      ]),
    );
    const share = (computed: { gradients: Gradients }): Gradients =>
      Object.fromEntries(
        Object.entries(computed.gradients).map(([name, gradient]) => [
          name,
          times(graph, gradient, this.#schedule.share),
        ]),
      );
    const part = this.#addBackward('part');
    const { report, fetches } = this.#addPart(part, share(part), sums);
    const last = this.#addBackward('last');
    const { total, feeds } = totalGradients(graph, variables, share(last), sums);
    const ids = Object.entries(feeds).map(([name, feed]): [string, { fetch: string; feed: string }] => [
      name,
      { feed, fetch: fetches[name] ?? '' },
    ]);
    const clear = (controls: readonly OutputRef[]): OutputRef[] =>
      clearAccumulated(graph, variables, total, sums, controls);
    const names = Object.keys(trace.gradients);
    const cleared = graph.identity(graph.int(0), int32, {
      name: 'accumulated/cleared',
      controls: names.map((name) =>
        variables.assign(sumOf(sums, name), variables.zeros(sumOf(sums, name).shape)),
      ),
    });
    return {
      part: { report, outputs: part.outputs },
      ids: Object.fromEntries(ids),
      last: this.#finish('last', last, total, { clear }),
      cleared: `${cleared}:0`,
    };
  }

  /** Adds the gradients of a part to the sums; moves the state if the loss is finite. */
  #addPart(
    computed: Computed,
    gradients: Gradients,
    sums: Sums,
  ): { report: string; fetches: Readonly<Record<string, string>> } {
    const { graph, variables } = this.#parts;
    const [loss = '', ...metrics] = computed.scalars;
    const packed = graph.pack([loss, ...(this.#hasNorm ? [graph.float(0)] : []), ...metrics], float32);
    const ready = graph.group(
      [packed, ...computed.outputRefs, ...computed.states.map(({ value }) => value), ...refsOf(gradients)],
      'part/ready',
    );
    const added = Object.entries(gradients).map(([name, gradient]) => {
      const sum = sumOf(sums, name);
      return typeof gradient === 'string'
        ? variables.assignAdd(sum, gradient, [ready])
        : variables.scatter('Add', sum, gradient.ids, gradient.rows, [ready]);
    });
    const gated = this.#gated('part', packed, { finite: [loss], ready }, (go) =>
      this.#assignStates(computed.states, go),
    );
    const report = graph.identity(gated, float32, { name: 'part/report', controls: added });
    const fetches = Object.entries(gradients).flatMap(([name, gradient]): [string, string][] =>
      typeof gradient === 'string'
        ? []
        : [[name, `${graph.identity(gradient.ids, int32, { name: `part/ids/${name}` })}:0`]],
    );
    return { report: `${report}:0`, fetches: Object.fromEntries(fetches) };
  }
}

const groupOf = (model: ModelDefinition, name: string): string => model.parameters[name]?.group ?? 'default';

const refsOf = (gradients: Gradients): OutputRef[] =>
  Object.values(gradients).map((gradient) => (typeof gradient === 'string' ? gradient : gradient.rows));

const isFinite = (graph: GraphBuilder, ref: OutputRef): OutputRef =>
  graph.node('IsFinite', [ref], { T: { type: float32 } });

function times(
  graph: GraphBuilder,
  gradient: OutputRef | RowGradient,
  factor: OutputRef,
): OutputRef | RowGradient {
  return typeof gradient === 'string'
    ? graph.binary('Mul', gradient, factor)
    : { ids: gradient.ids, rows: graph.binary('Mul', gradient.rows, factor) };
}

function missingSlot(name: string): never {
  throw new AssayError('INTERNAL', `the graph has no variable for '${name}'`);
}
