import { AssayError } from '@assay/core';
import type { AxisSizes } from '../axes.js';
import { assertArray, assertPath, assertRecord, ownOf } from '../check-settings.js';
import { DATA_TYPE } from '../data-types.js';
import { assertFinite } from './assert-finite.js';
import { assertFloats } from './assert-floats.js';
import { asBatchError, checkBatch, feedsOf, type Batch } from './batch-feeds.js';
import { restoreCheckpoint, saveCheckpoint } from './checkpoint.js';
import { averageName } from './emission.js';
import { describeProgram, type ProgramDescription } from './describe-program.js';
import { exportProgram, type ExportKind } from './export-program.js';
import type { GraphSession, SessionFeed, SessionResult } from '../graph-session.js';
import type { InputSpec, ModelDefinition } from './model-definition.js';
import {
  meanOf,
  named,
  outputsOf,
  type EvaluationResult,
  type ProgramOutputs,
  type StepResult,
} from './results.js';
import { scheduleWords, type StepSchedule } from './schedule-nodes.js';
import type { AccumulationNodes, StepFetches } from './step-graph.js';
import type { Traces, TrainingGraph } from './training-graph.js';
import { withWeights, type WeightOptions } from './weight-options.js';

/** A variable's shape and row-major values. */
export interface VariableValue {
  shape: readonly number[];
  data: Float32Array;
}

interface ProgramParts {
  model: ModelDefinition;
  traces: Traces;
  graph: TrainingGraph;
  session: GraphSession;
  /** Inputs that are taken as classes. */
  classes: ReadonlySet<string>;
  timings: ProgramDescription['milliseconds'];
}

/**
 * A model whose training step, evaluation and prediction each run as one call of the engine. Holds the weights and the
 * state of the optimiser. Calls block the thread.
 */
export class Program {
  readonly #parts: ProgramParts;
  readonly #session: GraphSession;
  readonly #graph: TrainingGraph;
  readonly #inputs: Readonly<Record<string, InputSpec>>;
  readonly #batch: Readonly<Record<string, InputSpec>>;

  /** Use `compile`. */
  constructor(parts: ProgramParts) {
    const { model, graph, session } = parts;
    this.#parts = parts;
    this.#session = session;
    this.#graph = graph;
    this.#inputs = model.inputs;
    this.#batch = { ...model.inputs, ...model.targets };
  }

  /**
   * One update of all parameters and the state.
   *
   * @returns figures from before the update
   * @throws USAGE when an input is missing or unknown, or the step or a learning rate is out of range or missing
   * @throws SHAPE_MISMATCH, DTYPE_MISMATCH, VALUE_INVALID when the batch does not fit
   * @throws NON_FINITE when the loss or the gradient is not finite; nothing is changed then, unless `checkFinite` is off
   * @throws ENGINE_FAILED when an op refuses its values; nothing is changed then
   */
  step(batch: Batch, schedule: StepSchedule): StepResult {
    const { whole } = this.#graph.step;
    const feeds = [...this.#feeds(this.#batch, batch), this.#scheduleFeed(schedule, 0, 1)];
    return assertFinite(this.#runFetches(whole, batch, feeds, []).result, schedule, [batch], {
      wasUpdated: !this.#graph.step.isGuarded,
    });
  }

  /**
   * One update from several batches: that of their mean loss, each row counting the same. Needs `accumulate` when
   * compiling.
   *
   * @param batches at least one; sizes of the axis B may differ
   * @returns loss and metrics averaged over the rows, and the outputs of the last batch
   * @throws as `step`; nothing is changed then by any of the batches. With `checkFinite` off, a last batch whose loss is not
   *   finite is still applied, as in `step`, and so is a gradient that is not finite under a finite loss, of any batch
   */
  stepAccumulated(batches: readonly Batch[], schedule: StepSchedule): StepResult {
    const { accumulation } = this.#graph.step;
    if (accumulation === undefined)
      throw new AssayError(
        'USAGE',
        'The program was compiled without accumulation. Fix: compile it with accumulate: true.',
      );
    assertArray(batches, 'A step of several batches needs', '[batch, …]');
    if (batches.length === 0)
      throw new AssayError('USAGE', 'A step needs at least one batch; got none. Fix: pass some.');
    const sizes = batches.map((batch) => checkBatch(this.#batch, batch).B ?? 1);
    const before = this.readVariables(Object.keys(this.#parts.model.state ?? {}));
    let result: StepResult;
    try {
      result = meanOf(this.#accumulate(accumulation, batches, sizes, schedule), sizes);
    } catch (error) {
      this.#session.run([], [accumulation.cleared]);
      this.#setVariables(before);
      throw error;
    }
    return assertFinite(result, schedule, batches, { wasUpdated: true });
  }

  /** Runs all batches of a step. @throws when one of them ends it before the update */
  #accumulate(
    accumulation: AccumulationNodes,
    batches: readonly Batch[],
    sizes: readonly number[],
    schedule: StepSchedule,
  ): StepResult[] {
    const numRows = sizes.reduce((sum, size) => sum + size, 0);
    const ids: Record<string, Int32Array[]> = {};
    return batches.map((batch, i) => {
      const isLast = i === batches.length - 1;
      const feeds = [
        ...this.#feeds(this.#batch, batch),
        this.#scheduleFeed(schedule, i, (sizes[i] ?? 0) / numRows),
      ];
      const idNodes = Object.entries(accumulation.ids);
      if (isLast) for (const [table, { feed }] of idNodes) feeds.push(idsFeed(feed, ids[table] ?? []));
      const extra = isLast ? [] : idNodes.map(([, { fetch }]) => fetch);
      const fetches = isLast ? accumulation.last : accumulation.part;
      const { result, others } = this.#runFetches(fetches, batch, feeds, extra);
      idNodes.forEach(([table], k) => {
        const used = others[k]?.data;
        if (used instanceof Int32Array) (ids[table] ??= []).push(used);
      });
      const wasUpdated = isLast && !this.#graph.step.isGuarded;
      return wasUpdated ? result : assertFinite(result, schedule, [batch], { wasUpdated });
    });
  }

  /**
   * Loss, metrics and outputs without an update, with dropout off.
   *
   * @param options.weights `average` takes the moving average of the parameters, when the program keeps one
   * @throws as `step`, but for NON_FINITE
   */
  evaluate(batch: Batch, options: WeightOptions = {}): EvaluationResult {
    const { report, metrics, outputs } = withWeights(this.#graph.evaluation, options);
    const results = this.#run(batch, this.#feeds(this.#batch, batch), [
      report,
      ...outputs.map(({ node }) => node),
    ]);
    const [loss = NaN, ...values] = results[0]?.data ?? [];
    return { loss, metrics: named(metrics, values), outputs: outputsOf(outputs, results.slice(1)) };
  }

  /** What the model predicts. @param batch inputs without targets */
  predict(batch: Batch, options: WeightOptions = {}): ProgramOutputs {
    if (this.#parts.traces.prediction === undefined)
      throw new AssayError('USAGE', 'The model has no prediction. Fix: give the model a function predict.');
    const outputs = withWeights(this.#graph.prediction, options);
    const results = this.#run(
      batch,
      this.#feeds(this.#inputs, batch),
      outputs.map(({ node }) => node),
    );
    return outputsOf(outputs, results);
  }

  /**
   * Copies of variables: parameters, state, and those of the optimiser (`optimizer/<slot>/<parameter>`).
   *
   * @param names default: all
   * @throws USAGE when there is no such variable
   */
  readVariables(names: readonly string[] = this.variableNames): Record<string, VariableValue> {
    assertArray(names, 'Variables are read by', "['name', …]");
    if (names.length === 0) return {};
    const nodes = names.map((name) => ownOf(this.#graph.read, name) ?? this.#noVariable(name));
    const results = this.#session.run([], nodes);
    return Object.fromEntries(
      names.map((name, i) => [
        name,
        { shape: results[i]?.shape ?? [], data: results[i]?.data as Float32Array }, // variables are float32
      ]),
    );
  }

  /**
   * Gives variables new values; the others keep theirs. The moving average of a parameter is a variable of its own: assign
   * `average/<parameter>` as well where it should start from the new value.
   *
   * @throws USAGE when there is no such variable; nothing is changed then
   * @throws DTYPE_MISMATCH, SHAPE_MISMATCH when a value is no Float32Array or of another length; nothing is changed then
   */
  assignVariables(values: Readonly<Record<string, Float32Array>>): void {
    assertRecord(values, 'Variables are assigned from', '{ name: Float32Array }');
    const entries = Object.entries(values);
    if (entries.length === 0) return;
    const feeds = entries.map(([name, data]): SessionFeed => {
      const node = ownOf(this.#graph.assign, name) ?? this.#noVariable(name);
      const { shape } = this.#graph.variables.find((variable) => variable.name === name) ?? { shape: [] };
      assertFloats(name, shape, data);
      return { node: node.feed, shape, dtype: DATA_TYPE.float32, data };
    });
    this.#session.run(
      feeds,
      entries.map(([name]) => this.#graph.assign[name]?.done ?? ''),
    );
  }

  #setVariables(values: Readonly<Record<string, VariableValue>>): void {
    this.assignVariables(Object.fromEntries(Object.entries(values).map(([name, { data }]) => [name, data])));
  }

  /** Names of all variables: parameters, state, averages, and those of the optimiser. */
  get variableNames(): string[] {
    return this.#graph.variables.map(({ name }) => name);
  }

  /**
   * Writes all variables, those of the optimiser included, without a way through JavaScript. They are read when the folder
   * is ready, not at once: await it before the next step.
   *
   * @param dir appears whole or not at all; replaces nothing, an empty folder or a checkpoint
   * @throws USAGE when `dir` holds anything else, is a file or the working directory, or cannot be written
   * @throws DISK_FULL when the disk is full
   */
  async save(dir: string): Promise<void> {
    assertPath(dir);
    await saveCheckpoint(dir, this.#graph, (prefix) => {
      const { save } = this.#graph;
      this.#session.run([stringFeed(save.prefix, prefix)], [save.saved]);
    });
  }

  /**
   * Goes on from a checkpoint of the same model: the next step is the one that the saved program would have made.
   *
   * @throws FILE_NOT_FOUND when there is none, or an export
   * @throws FILE_CORRUPT when it is damaged or of another model; nothing is changed then
   */
  async restore(dir: string): Promise<void> {
    assertPath(dir);
    await restoreCheckpoint(dir, this.#graph, (prefix) => {
      const { restore } = this.#graph;
      this.#session.run([stringFeed(restore.prefix, prefix)], [restore.restored]);
    });
  }

  /**
   * Writes the prediction as a SavedModel that TensorFlow in Python and C++, TensorFlow Serving and MLflow load.
   *
   * @param dir appears whole or not at all; replaces nothing, an empty folder or a SavedModel
   * @param kind `frozen` keeps the weights in the graph, `checkpoint` beside it in `variables/`
   * @throws USAGE when there is no prediction or no such kind, or as `save`
   */
  async exportSavedModel(
    dir: string,
    kind: ExportKind = 'frozen',
    options: WeightOptions = {},
  ): Promise<void> {
    assertPath(dir);
    const { model, traces } = this.#parts;
    if (traces.prediction === undefined)
      throw new AssayError('USAGE', 'The model has no prediction. Fix: give the model a function predict.');
    const source = withWeights(this.#graph.exportWeights, options);
    const variableOf = (name: string): string => {
      const average = averageName(name);
      return options.weights === 'average' && this.#graph.read[average] !== undefined ? average : name;
    };
    await exportProgram(dir, kind, {
      model,
      prediction: traces.prediction,
      valueOf: (name) => {
        const variable = variableOf(name);
        return this.readVariables([variable])[variable]?.data ?? new Float32Array();
      },
      saveVariables: (prefix) => {
        this.#session.run([stringFeed(source.prefix, prefix)], [source.saved]);
      },
    });
  }

  /** What the program consists of. @throws USAGE when it was disposed */
  describe(): ProgramDescription {
    this.#session.assertAlive();
    const { traces, graph, model, timings } = this.#parts;
    return describeProgram(model, traces, graph, timings);
  }

  /** Frees the graph and its variables; a second call does nothing. */
  dispose(): void {
    this.#session.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #feeds(specs: Readonly<Record<string, InputSpec>>, batch: Batch): SessionFeed[] {
    const sizes = checkBatch(specs, batch);
    return [...feedsOf(specs, batch, this.#graph.inputs), ...this.#sizesFeed(sizes)];
  }

  #sizesFeed(sizes: AxisSizes): SessionFeed[] {
    const { axes, sizes: node } = this.#graph;
    if (axes.length === 0) return [];
    const data = Int32Array.from(axes, (axis) => sizes[axis] ?? 1);
    return [{ node, shape: [axes.length], dtype: DATA_TYPE.int32, data }];
  }

  #scheduleFeed(schedule: StepSchedule, part: number, share: number): SessionFeed {
    const { feed, ...layout } = this.#graph.step.schedule;
    const data = scheduleWords(layout, schedule, part, share);
    return { node: feed, shape: [data.length], dtype: DATA_TYPE.int32, data };
  }

  #run(batch: Batch, feeds: readonly SessionFeed[], fetches: readonly string[]): SessionResult[] {
    try {
      return this.#session.run(feeds, fetches);
    } catch (error) {
      throw asBatchError(error, batch, this.#parts.classes);
    }
  }

  #runFetches(
    { report, outputs }: StepFetches,
    batch: Batch,
    feeds: readonly SessionFeed[],
    extra: readonly string[],
  ): { result: StepResult; others: SessionResult[] } {
    const { hasNorm, metrics } = this.#graph.step;
    const results = this.#run(batch, feeds, [report, ...outputs.map(({ node }) => node), ...extra]);
    const [loss = NaN, ...values] = results[0]?.data ?? [];
    const gradientNorm = hasNorm ? values.shift() : undefined;
    const numOutputs = 1 + outputs.length;
    const result = {
      loss,
      gradientNorm,
      metrics: named(metrics, values),
      outputs: outputsOf(outputs, results.slice(1, numOutputs)),
    };
    return { result, others: results.slice(numOutputs) };
  }

  #noVariable(name: string): never {
    throw new AssayError(
      'USAGE',
      `The program has no variable '${name}'; it has ${this.variableNames.slice(0, 20).join(', ')}. Fix: name one of these.`,
    );
  }
}

const stringFeed = (node: string, value: string): SessionFeed => ({
  node,
  shape: [],
  dtype: DATA_TYPE.string,
  data: [new Uint8Array(Buffer.from(value))],
});

function idsFeed(node: string, parts: readonly Int32Array[]): SessionFeed {
  const data = Int32Array.from(parts.flatMap((part) => [...part]));
  return { node, shape: [data.length], dtype: DATA_TYPE.int32, data };
}
