import { expectClose } from '@assay/testing';
import type { Batch } from './batch-feeds.js';
import { compile } from './compile.js';
import type { CompileOptions } from './compile-options.js';
import { EagerTrainer } from './eager-trainer.fixture.js';
import { averageName } from './emission.js';
import type { ModelDefinition } from './model-definition.js';
import type { Program } from './program.js';
import type { StepSchedule } from './schedule-nodes.js';

interface Comparison {
  model: ModelDefinition;
  options: CompileOptions & { freeze?: RegExp };
  batches: readonly Batch[];
  learningRate?: StepSchedule['learningRate'];
  /** Of losses and metrics, absolute and relative; of all else ten times as much. */
  tolerance?: number;
}

/** Values of the parameters and the state of a program. */
export function valuesOf(program: Program, model: ModelDefinition): Record<string, Float32Array> {
  const names = Object.keys({ ...model.parameters, ...model.state });
  const variables = program.readVariables(names);
  return Object.fromEntries(Object.entries(variables).map(([name, { data }]) => [name, data]));
}

/**
 * Trains a model compiled and op by op; expects the same losses, metrics, norms, weights and state.
 *
 * @returns nodes of the program by op
 */
export function expectLikeEager({
  model,
  options,
  batches,
  learningRate = 0.01,
  tolerance = 1e-5,
}: Comparison): Record<string, number> {
  const near = { absolute: tolerance, relative: tolerance };
  const wider = { absolute: 10 * tolerance, relative: 10 * tolerance };
  using program = compile(model, options);
  const eager = new EagerTrainer(model, options, valuesOf(program, model));
  batches.forEach((batch, i) => {
    const schedule = { learningRate, step: i + 1 };
    const compiled = program.step(batch, schedule);
    const expected = eager.step(batch, schedule);
    expectClose([compiled.loss], [expected.loss], near);
    expectClose(Object.values(compiled.metrics), Object.values(expected.metrics), near);
    if (compiled.gradientNorm !== undefined)
      expectClose([compiled.gradientNorm], [expected.gradientNorm], wider);
  });
  const last = batches.at(-1);
  if (last !== undefined) expectClose([program.evaluate(last).loss], [eager.evaluate(last).loss], near);
  const values = valuesOf(program, model);
  for (const [name, expected] of Object.entries(eager.values))
    expectClose(values[name] ?? [], expected, wider);
  for (const [name, expected] of Object.entries(eager.averages)) {
    // What is not trained is its own average.
    const kept = program.variableNames.includes(averageName(name)) ? averageName(name) : name;
    expectClose(program.readVariables([kept])[kept]?.data ?? [], expected, wider);
  }
  return program.describe().graph.ops;
}
