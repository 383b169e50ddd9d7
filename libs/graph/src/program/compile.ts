import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AssayError, Random } from '@assay/core';
import { GraphSession } from '../graph-session.js';
import { SAVED_MODEL_FILE } from '../write-saved-model.js';
import { checkSpecs } from './check-model.js';
import { classInputs } from './class-inputs.js';
import { checkOptions, trainableOf, type CompileOptions } from './compile-options.js';
import { averageName } from './emission.js';
import { idLimits } from './id-limits.js';
import { initialValues } from './initial-values.js';
import type { InputSpec, ModelDefinition } from './model-definition.js';
import { pairedRows } from './paired-rows.js';
import { Program } from './program.js';
import { ModelTracer } from './trace-model.js';
import { buildTrainingGraph, recordingsOf, type Traces } from './training-graph.js';

/**
 * Compiles a model: its functions are run a few times at small sizes to note what they do, and a whole training step,
 * evaluation and prediction become one TensorFlow graph each, for all sizes of the named axes.
 *
 * @returns a program that the caller disposes; its variables have their start values
 * @throws TRACE_UNSUPPORTED when a function does what a graph cannot follow; the message names the op, its place in the
 *   code and the way out
 * @throws USAGE when a part of the model or an option is unknown or out of range, a start value belongs to no parameter or
 *   state, a function asks for a name that it is not given, or nothing is left to train
 * @throws ENGINE_FAILED when the engine does not take the graph, e.g. because it has no such device
 */
export function compile(given: ModelDefinition, options: CompileOptions): Program {
  const model = checkSpecs(given);
  checkOptions(model, options);
  const { seed = 0 } = options;
  const started = performance.now();
  const trainable = trainableOf(model, options.freeze);
  const traces = traceAll(model, seed, trainable);
  if (Object.keys(traces.step.gradients).length === 0)
    throw new AssayError(
      'USAGE',
      `The loss depends on no parameter that is trained (${trainable.slice(0, 20).join(', ')}). Fix: use them in the loss, or freeze fewer.`,
    );
  const traced = performance.now();
  for (const line of new Set([traces.step, traces.evaluation].flatMap(pairedRows)))
    process.emitWarning(
      `${line}, because its tensors differ in rank. Fix: reshape them to one rank; where pairs are meant, write [B, 1] and [1, B].`,
      { code: 'ASSAY_PAIRED_ROWS' },
    );
  const bounded = withIdLimits(model, traces);
  const graph = buildTrainingGraph(bounded, traces, { ...options, trainable });
  const built = performance.now();
  const session = openSession(graph.bytes);
  const timings = { trace: traced - started, build: built - traced, load: performance.now() - built };
  const classes = new Set(recordingsOf(traces).flatMap(classInputs));
  const program = new Program({ model: bounded, traces, graph, session, classes, timings });
  try {
    const specs = { ...model.parameters, ...model.state };
    const { initial: wanted = {} } = options;
    const drawn = Object.entries(specs).filter(
      ([name]) => !Object.hasOwn(wanted, name) || wanted[name] === undefined,
    );
    const initial: Record<string, Float32Array> = {
      ...initialValues(Object.fromEntries(drawn), new Random(seed).fork('parameters')),
      ...wanted,
    };
    const averages = Object.keys(initial)
      .filter((name) => graph.read[averageName(name)] !== undefined)
      .map((name): [string, Float32Array] => [averageName(name), initial[name] ?? new Float32Array()]);
    program.assignVariables({ ...initial, ...Object.fromEntries(averages) });
  } catch (error) {
    program.dispose();
    throw error;
  }
  return program;
}

function traceAll(model: ModelDefinition, seed: number, trainable: readonly string[]): Traces {
  using tracer = new ModelTracer(model, seed);
  return {
    step: tracer.loss(true, trainable),
    evaluation: tracer.loss(false, []),
    prediction: model.predict === undefined ? undefined : tracer.predict(),
  };
}

/** The model with the range of the ids that it looks up. */
function withIdLimits(model: ModelDefinition, traces: Traces): ModelDefinition {
  const limits = recordingsOf(traces).map((recording) => idLimits(recording, model));
  const bounded = (specs: Readonly<Record<string, InputSpec>>): Record<string, InputSpec> =>
    Object.fromEntries(
      Object.entries(specs).map(([name, spec]) => {
        const below = Math.min(spec.below ?? Infinity, ...limits.map((found) => found[name] ?? Infinity));
        return [name, Number.isFinite(below) ? { ...spec, below } : spec];
      }),
    );
  return { ...model, inputs: bounded(model.inputs), targets: bounded(model.targets ?? {}) };
}

/** The engine takes graphs from directories only: a temporary one, gone when this returns. */
function openSession(graph: Uint8Array): GraphSession {
  const dir = mkdtempSync(join(tmpdir(), 'assay-graph-'));
  try {
    writeFileSync(join(dir, SAVED_MODEL_FILE), graph);
    return new GraphSession(dir, 'the compiled program');
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
