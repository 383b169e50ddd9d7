import { AssayError } from '@assay/core';
import { tf } from '@assay/tensorflow';
import { listed } from '../check-settings.js';
import { axesOf, recordingPoints, shapeAt, type AxisSizes } from '../axes.js';
import type { FeedType } from '../data-types.js';
import { mergeRecordings, type MergedRecording } from '../merge-recordings.js';
import {
  assertSameResults,
  givenRefs,
  inTidy,
  mergeOutputs,
  recordedOutputs,
  refsOf,
  returned,
  type RecordedOutput,
  type TracedOutput,
} from '../named-tensors.js';
import { originOf, captureStack } from '../origin.js';
import { record, type Recording, type RefOf, type ValueRef } from '../recording.js';
import { engineIdOf, isTensor, standIn } from '../stand-ins.js';
import type { InputSpec, ModelDefinition, StepContext, StepOutputs, Tensors } from './model-definition.js';
import { guardNames } from './guard-names.js';
import { createStepContext } from './step-context.js';
import { takeGradients } from './take-gradients.js';

/** Name under which a trace takes the number that random ops are drawn from. */
export const DRAW = '#draw';

/** The loss of a batch, without or with what a step needs beside it. */
export interface TracedLoss extends MergedRecording {
  axes: readonly string[];
  loss: ValueRef;
  metrics: Readonly<Record<string, ValueRef>>;
  outputs: Readonly<Record<string, TracedOutput>>;
  /** Parameters whose gradients are wanted. */
  trainable: readonly string[];
  /** By parameter; a parameter that the loss does not depend on has none. */
  gradients: Readonly<Record<string, ValueRef>>;
  /** New values by state. */
  updates: Readonly<Record<string, ValueRef>>;
}

export interface TracedPrediction extends MergedRecording {
  axes: readonly string[];
  outputs: Readonly<Record<string, TracedOutput>>;
}

interface HowToRecord {
  training: boolean;
  /** Whether random numbers may be drawn. */
  draws: boolean;
  trainable: readonly string[];
}

interface RecordedOutputs {
  scalars: Record<string, ValueRef>;
  outputs: Record<string, RecordedOutput>;
  gradients: Record<string, ValueRef>;
  updates: Record<string, ValueRef>;
}

/**
 * Records the functions of a model. Holds stand-ins for its parameters and state from first to last recording.
 *
 * @see traceFunction
 */
export class ModelTracer {
  readonly #model: ModelDefinition;
  readonly #seed: number;
  readonly #values: Record<string, tf.Tensor>;
  /** The same, for the functions of the model. */
  readonly #guarded: Tensors;

  constructor(model: ModelDefinition, seed: number) {
    this.#model = model;
    this.#seed = seed;
    const specs = { ...model.parameters, ...model.state };
    this.#values = Object.fromEntries(
      Object.entries(specs).map(([name, { shape }]) => [name, tf.fill([...shape], 0.02)]),
    );
    this.#guarded = guardNames(model.state === undefined ? 'parameter' : 'parameter or state', this.#values);
  }

  /** @param trainable parameters whose gradients are wanted; with none nothing is trained */
  loss(training: boolean, trainable: readonly string[]): TracedLoss {
    const { inputs, targets } = this.#model;
    const { merged, axes, result } = this.#trace(
      { ...inputs, ...targets },
      { training, draws: true, trainable },
      (batch, context, refOf) =>
        training ? this.#runStep(trainable, batch, context, refOf) : this.#runLoss(batch, context, refOf),
    );
    const { loss, ...metrics } = result.scalars;
    if (loss === undefined) throw new AssayError('INTERNAL', 'the trace has no loss');
    return { ...merged, axes, ...result, loss, metrics, trainable };
  }

  predict(): TracedPrediction {
    const { inputs } = this.#model;
    if (this.#model.predict === undefined) throw new AssayError('INTERNAL', 'the model has no prediction');
    const { merged, axes, result } = this.#trace(
      inputs,
      { training: false, draws: false, trainable: [] },
      (batch, context, refOf) => {
        const outputs = inTidy(() =>
          recordedOutputs("The function 'predict'", this.#predictionOf(batch, context), refOf),
        );
        return { scalars: {}, outputs, gradients: {} };
      },
    );
    return { ...merged, axes, outputs: result.outputs };
  }

  dispose(): void {
    tf.dispose(this.#values);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #trace(
    specs: Readonly<Record<string, InputSpec>>,
    how: HowToRecord,
    run: (batch: Tensors, context: StepContext, refOf: RefOf) => Omit<RecordedOutputs, 'updates'>,
  ) {
    const axes = axesOf(Object.values(specs).map(({ shape }) => shape));
    const points = recordingPoints(axes);
    const recordings = points.map((sizes) => this.#recordAt(sizes, specs, how, run));
    const merged = mergeRecordings(recordings, points);
    const results = recordings.map(({ result }) => result);
    const refs = results.map(({ outputs, ...others }) => ({ ...others, outputs: refsOf(outputs) }));
    assertSameResults('The model', refs, points);
    const [first] = results;
    if (first === undefined) throw new AssayError('INTERNAL', 'nothing was recorded');
    return { merged, axes, result: { ...first, outputs: mergeOutputs(results.map((r) => r.outputs)) } };
  }

  #recordAt(
    sizes: AxisSizes,
    specs: Readonly<Record<string, InputSpec>>,
    { training, draws, trainable }: HowToRecord,
    run: (batch: Tensors, context: StepContext, refOf: RefOf) => Omit<RecordedOutputs, 'updates'>,
  ): Recording<RecordedOutputs> {
    const batch: Record<string, tf.Tensor> = {};
    const draw = tf.scalar(1, 'int32');
    try {
      for (const [name, { dtype, shape }] of Object.entries(specs))
        batch[name] = standIn(feedTypeOf(dtype), shapeAt(shape, sizes));
      const given = givenRefs({ ...this.#values, ...batch, [DRAW]: draw });
      const recording = record(
        given,
        (refOfId) => {
          const refOf = (tensor: tf.Tensor): ValueRef => refOfId(engineIdOf(tensor));
          const updates: Record<string, ValueRef> = {};
          const context = createStepContext({
            training,
            seed: this.#seed,
            draw: draws ? draw : undefined,
            onUpdate: (name, value) => {
              assertState(this.#model, name, value);
              updates[name] = refOf(value);
            },
          });
          return { ...run(batch, context, refOfId), updates };
        },
        { trained: trainable, sizes },
      );
      this.#assertAlive(batch);
      return recording;
    } catch (error) {
      this.#assertAlive(batch, error);
      throw error;
    } finally {
      tf.dispose([draw, ...Object.values(batch)]);
    }
  }

  /** @throws TRACE_UNSUPPORTED when the function has disposed what it was lent */
  #assertAlive(batch: Tensors, cause?: unknown): void {
    const dead = Object.entries({ ...this.#values, ...batch }).find(([, tensor]) => tensor.isDisposed);
    if (dead === undefined) return;
    throw new AssayError(
      'TRACE_UNSUPPORTED',
      `The function disposed '${dead[0]}', which belongs to the program. Fix: leave it alone; what a function makes is freed when it returns.`,
      { cause },
    );
  }

  #guardedInputs(inputs: Tensors): Tensors {
    const { targets = {} } = this.#model;
    return guardNames('input', inputs, (name, origin) =>
      Object.hasOwn(targets, name)
        ? new AssayError(
            'USAGE',
            `The function 'predict' asks for the target '${name}'${origin}; a prediction has no targets, only ${listed(Object.keys(inputs))}. Fix: compute it from these, or declare '${name}' under inputs.`,
          )
        : undefined,
    );
  }

  #lossOf(batch: Tensors, context: StepContext): Required<StepOutputs> {
    const what = "The function 'loss'";
    const result = returned(
      what,
      this.#model.loss(this.#guarded, guardNames('input or target', batch), context),
    );
    const { loss, metrics = {}, outputs = {} } = result;
    return {
      loss,
      metrics: returned(`${what} under 'metrics'`, metrics),
      outputs: returned(`${what} under 'outputs'`, outputs),
    };
  }

  #predictionOf(batch: Tensors, context: StepContext): Tensors {
    const outputs = returned(
      "The function 'predict'",
      this.#model.predict?.(this.#guarded, this.#guardedInputs(batch), context),
    );
    if (Object.keys(outputs).length > 0) return outputs;
    throw new AssayError(
      'TRACE_UNSUPPORTED',
      "The function 'predict' returned no tensor. Fix: return an object of tensors.",
    );
  }

  #runLoss(batch: Tensors, context: StepContext, refOf: RefOf): Omit<RecordedOutputs, 'updates'> {
    return inTidy(() => {
      const { loss, metrics, outputs } = this.#lossOf(batch, context);
      return {
        scalars: scalarsOf(loss, metrics, refOf),
        outputs: recordedOutputs("The function 'loss'", outputs, refOf),
        gradients: {},
      };
    });
  }

  #runStep(
    trainable: readonly string[],
    batch: Tensors,
    context: StepContext,
    refOf: RefOf,
  ): Omit<RecordedOutputs, 'updates'> {
    let outputs: Pick<RecordedOutputs, 'scalars' | 'outputs'> | undefined;
    const parameters = trainable.map((name) => this.#values[name] as tf.Tensor); // one per parameter
    const { value, grads } = takeGradients(() => {
      const { loss, metrics, outputs: others } = this.#lossOf(batch, context);
      // Noted before tidy disposes them.
      outputs = {
        scalars: scalarsOf(loss, metrics, refOf),
        outputs: recordedOutputs("The function 'loss'", others, refOf),
      };
      return loss;
    }, parameters);
    try {
      if (outputs === undefined) throw new AssayError('INTERNAL', 'the loss was not computed');
      const gradients = grads.flatMap((gradient, i): [string, ValueRef][] =>
        gradient === undefined || gradient === null
          ? []
          : [[trainable[i] ?? '', refOf(engineIdOf(gradient))]],
      );
      return { ...outputs, gradients: Object.fromEntries(gradients) };
    } finally {
      tf.dispose([value, ...grads.filter(isTensor)]);
    }
  }
}

const feedTypeOf = (dtype: InputSpec['dtype']): FeedType => (dtype === 'float32' ? 'float32' : 'int32');

function scalarsOf(loss: tf.Tensor, metrics: Tensors, refOf: RefOf): Record<string, ValueRef> {
  if ('loss' in metrics)
    throw new AssayError(
      'TRACE_UNSUPPORTED',
      "The loss function gives a metric named 'loss', which would take the place of the loss. Fix: rename the metric.",
    );
  return Object.fromEntries(
    Object.entries({ loss, ...metrics }).map(([name, tensor]) => {
      if (isTensor(tensor) && tensor.dtype === 'float32' && tensor.size === 1 && tensor.rank === 0)
        return [name, refOf(engineIdOf(tensor))];
      const received = isTensor(tensor) ? `${tensor.dtype} [${tensor.shape.join(', ')}]` : typeof tensor;
      throw new AssayError(
        'TRACE_UNSUPPORTED',
        `The loss function must give '${name}' as a float32 scalar; got ${received}. Fix: take the mean, or give it under outputs.`,
      );
    }),
  );
}

function assertState({ state = {} }: ModelDefinition, name: string, value: tf.Tensor): void {
  const expected = state[name]?.shape;
  const dtype = isTensor(value) ? value.dtype : typeof value;
  if (expected !== undefined && dtype !== 'float32')
    throw new AssayError(
      'TRACE_UNSUPPORTED',
      `update('${name}')${originOf(captureStack())} needs a float32 value; got ${dtype}. Fix: convert it with toFloat().`,
    );
  if (expected !== undefined && tf.util.arraysEqual([...expected], value.shape)) return;
  throw new AssayError(
    'TRACE_UNSUPPORTED',
    expected === undefined
      ? `update('${name}')${originOf(captureStack())} names no state; the model has ${Object.keys(state).join(', ') || 'none'}. Fix: declare it under state.`
      : `update('${name}')${originOf(captureStack())} needs a value of shape [${expected.join(', ')}]; got [${value.shape.join(', ')}]. Fix: give the value its declared shape.`,
  );
}
