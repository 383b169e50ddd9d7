import { AssayError } from '@assay/core';
import { tf } from '@assay/tensorflow';
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
  synchronous,
  type RecordedOutput,
  type TracedOutput,
} from '../named-tensors.js';
import { originOf, captureStack } from '../origin.js';
import { record, type Recording, type RefOf, type ValueRef } from '../recording.js';
import { engineIdOf, isTensor, standIn } from '../stand-ins.js';
import type { InputSpec, ModelDefinition, StepContext, StepOutputs, Tensors } from './model-definition.js';
import { createStepContext } from './step-context.js';

/** Name under which a trace takes the number that random ops are drawn from. */
export const DRAW = '#draw';

/** The loss of a batch, without or with what a step needs beside it. */
export interface TracedLoss extends MergedRecording {
  axes: readonly string[];
  loss: ValueRef;
  metrics: Readonly<Record<string, ValueRef>>;
  outputs: Readonly<Record<string, TracedOutput>>;
  /** By parameter; a parameter that the loss does not depend on has none. */
  gradients: Readonly<Record<string, ValueRef>>;
  /** New values by state. */
  updates: Readonly<Record<string, ValueRef>>;
}

export interface TracedPrediction extends MergedRecording {
  axes: readonly string[];
  outputs: Readonly<Record<string, TracedOutput>>;
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

  constructor(model: ModelDefinition, seed: number) {
    this.#model = model;
    this.#seed = seed;
    const specs = { ...model.parameters, ...model.state };
    this.#values = Object.fromEntries(
      Object.entries(specs).map(([name, { shape }]) => [name, tf.fill([...shape], 0.02)]),
    );
  }

  /** @param trainable parameters whose gradients are wanted; with none nothing is trained */
  loss(training: boolean, trainable: readonly string[]): TracedLoss {
    const { inputs, targets } = this.#model;
    const { merged, axes, result } = this.#trace(
      { ...inputs, ...targets },
      training,
      (batch, context, refOf) =>
        training ? this.#runStep(trainable, batch, context, refOf) : this.#runLoss(batch, context, refOf),
    );
    const { loss, ...metrics } = result.scalars;
    if (loss === undefined) throw new AssayError('INTERNAL', 'the trace has no loss');
    return { ...merged, axes, ...result, loss, metrics };
  }

  predict(): TracedPrediction {
    const { inputs } = this.#model;
    if (this.#model.predict === undefined) throw new AssayError('INTERNAL', 'the model has no prediction');
    const { merged, axes, result } = this.#trace(inputs, false, (batch, context, refOf) => {
      const outputs = inTidy(() =>
        recordedOutputs("The function 'predict'", this.#predictionOf(batch, context), refOf),
      );
      return { scalars: {}, outputs, gradients: {} };
    });
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
    training: boolean,
    run: (batch: Tensors, context: StepContext, refOf: RefOf) => Omit<RecordedOutputs, 'updates'>,
  ) {
    const axes = axesOf(Object.values(specs).map(({ shape }) => shape));
    const points = recordingPoints(axes);
    const recordings = points.map((sizes) => this.#recordAt(sizes, specs, training, run));
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
    training: boolean,
    run: (batch: Tensors, context: StepContext, refOf: RefOf) => Omit<RecordedOutputs, 'updates'>,
  ): Recording<RecordedOutputs> {
    const held: tf.Tensor[] = [];
    try {
      const hold = (tensor: tf.Tensor): tf.Tensor => {
        held.push(tensor);
        return tensor;
      };
      const batch = Object.fromEntries(
        Object.entries(specs).map(([name, { dtype, shape }]) => [
          name,
          hold(standIn(feedTypeOf(dtype), shapeAt(shape, sizes))),
        ]),
      );
      const draw = hold(tf.scalar(1, 'int32'));
      const given = givenRefs({ ...this.#values, ...batch, [DRAW]: draw });
      return record(given, (refOfId) => {
        const refOf = (tensor: tf.Tensor): ValueRef => refOfId(engineIdOf(tensor));
        const updates: Record<string, ValueRef> = {};
        const context = createStepContext({
          training,
          seed: this.#seed,
          draw,
          onUpdate: (name, value) => {
            assertState(this.#model, name, value);
            updates[name] = refOf(value);
          },
        });
        return { ...run(batch, context, refOfId), updates };
      });
    } finally {
      tf.dispose(held);
    }
  }

  #lossOf(batch: Tensors, context: StepContext): StepOutputs {
    return synchronous("The function 'loss'", this.#model.loss(this.#values, batch, context));
  }

  #predictionOf(batch: Tensors, context: StepContext): Tensors {
    return synchronous("The function 'predict'", this.#model.predict?.(this.#values, batch, context) ?? {});
  }

  #runLoss(batch: Tensors, context: StepContext, refOf: RefOf): Omit<RecordedOutputs, 'updates'> {
    return inTidy(() => {
      const { loss, metrics = {}, outputs = {} } = this.#lossOf(batch, context);
      return {
        scalars: scalarsOf({ loss, ...metrics }, refOf),
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
    const { value, grads } = gradientsOf(() => {
      const { loss, metrics = {}, outputs: others = {} } = this.#lossOf(batch, context);
      // Noted before tidy disposes them.
      outputs = {
        scalars: scalarsOf({ loss, ...metrics }, refOf),
        outputs: recordedOutputs("The function 'loss'", others, refOf),
      };
      return loss;
    }, parameters);
    try {
      if (outputs === undefined) throw new AssayError('INTERNAL', 'the loss was not computed');
      const gradients = grads.flatMap((gradient: tf.Tensor | undefined, i): [string, ValueRef][] =>
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

/** The loss and its gradients. Caller disposes. */
function gradientsOf(loss: () => tf.Tensor, parameters: tf.Tensor[]) {
  try {
    return tf.engine().gradients(loss, parameters, undefined, true);
  } catch (error) {
    // tfjs leaves behind what it saved for the backward pass when the forward pass fails.
    const { state } = tf.engine() as unknown as { state: { activeTape: { saved?: tf.Tensor[] }[] | null } };
    state.activeTape?.forEach(({ saved = [] }) => tf.dispose(saved));
    state.activeTape = null;
    throw error;
  }
}

const feedTypeOf = (dtype: InputSpec['dtype']): FeedType => (dtype === 'float32' ? 'float32' : 'int32');

function scalarsOf(tensors: Tensors, refOf: RefOf): Record<string, ValueRef> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => {
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
  if (expected !== undefined && tf.util.arraysEqual([...expected], value.shape)) return;
  throw new AssayError(
    'TRACE_UNSUPPORTED',
    expected === undefined
      ? `update('${name}')${originOf(captureStack())} names no state; the model has ${Object.keys(state).join(', ') || 'none'}. Fix: declare it under state.`
      : `update('${name}')${originOf(captureStack())} needs a value of shape [${expected.join(', ')}]; got [${value.shape.join(', ')}]. Fix: give the value its declared shape.`,
  );
}
