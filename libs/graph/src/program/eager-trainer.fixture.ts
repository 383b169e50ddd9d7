import { tf } from '@assay/tensorflow';
import type { Feed } from '../check-feeds.js';
import type { OptimizerOptions } from '../optimizers/optimizer-options.js';
import type { Batch } from './batch-feeds.js';
import type { ModelDefinition, Tensors } from './model-definition.js';
import type { StepSchedule } from './schedule-nodes.js';
import { createStepContext } from './step-context.js';

interface TrainerOptions {
  optimizer: OptimizerOptions;
  seed?: number;
  freeze?: RegExp;
  clipNorm?: number;
  averageDecay?: number;
}

interface Figures {
  loss: number;
  gradientNorm: number;
  metrics: Record<string, number>;
}

/** Updates one parameter in place. `slots` starts empty. */
type Rule = (
  w: Float32Array,
  g: Float32Array,
  slots: Float32Array[],
  schedule: { rate: number; step: number },
) => void;

/**
 * Trains a model op by op, with optimisers written as loops over numbers: what a compiled program is compared with.
 */
export class EagerTrainer {
  readonly values: Record<string, Float32Array>;
  readonly averages: Record<string, Float32Array> = {};
  readonly #model: ModelDefinition;
  readonly #options: TrainerOptions;
  readonly #slots = new Map<string, Float32Array[]>();

  constructor(
    model: ModelDefinition,
    options: TrainerOptions,
    initial: Readonly<Record<string, Float32Array>>,
  ) {
    this.#model = model;
    this.#options = options;
    this.values = Object.fromEntries(Object.entries(initial).map(([name, data]) => [name, data.slice()]));
    for (const name of Object.keys(model.parameters))
      if (options.averageDecay !== undefined) this.averages[name] = this.#value(name).slice();
  }

  step(batch: Batch, schedule: StepSchedule): Figures {
    const { gradients, updates, ...figures } = this.#gradients(batch, schedule.step);
    const { clipNorm = Infinity } = this.#options;
    const scale = Math.fround(Math.min(1, clipNorm / figures.gradientNorm));
    for (const [name, gradient] of Object.entries(gradients))
      this.#update(name, scale === 1 ? gradient : gradient.map((value) => value * scale), schedule);
    Object.assign(this.values, updates);
    return figures;
  }

  evaluate(batch: Batch): Omit<Figures, 'gradientNorm'> {
    return tf.tidy(() => {
      const { loss, metrics = {} } = this.#model.loss(
        this.#tensors(),
        tensorsOf(batch),
        context(this.#options, 1),
      );
      return { loss: loss.dataSync()[0]!, metrics: scalars(metrics) };
    });
  }

  predict(batch: Batch): Record<string, Float32Array> {
    return tf.tidy(() => {
      const outputs = this.#model.predict!(this.#tensors(), tensorsOf(batch), context(this.#options, 1));
      return Object.fromEntries(
        Object.entries(outputs).map(([name, tensor]) => [name, tensor.dataSync() as Float32Array]),
      );
    });
  }

  #value(name: string): Float32Array {
    return this.values[name] ?? new Float32Array();
  }

  #tensors(): Record<string, tf.Tensor> {
    const specs = { ...this.#model.parameters, ...this.#model.state };
    return Object.fromEntries(
      Object.entries(specs).map(([name, { shape }]) => [
        name,
        tf.tensor(this.#value(name), [...shape], 'float32'),
      ]),
    );
  }

  #gradients(batch: Batch, step: number) {
    const { freeze } = this.#options;
    const updates: Record<string, Float32Array> = {};
    const values = this.#tensors();
    const names = Object.keys(this.#model.parameters).filter((name) => freeze?.test(name) !== true);
    let metrics: Record<string, number> = {};
    const batchTensors = tensorsOf(batch);
    const draw = tf.scalar(step, 'int32'); // not in the loss, whose tensors go before the backward pass
    const { value, grads } = tf.engine().gradients(
      () => {
        const result = this.#model.loss(values, batchTensors, {
          ...bound(
            createStepContext({
              training: true,
              seed: this.#options.seed ?? 0,
              draw,
              onUpdate: (name, tensor) => (updates[name] = tensor.dataSync().slice() as Float32Array),
            }),
          ),
        });
        metrics = scalars(result.metrics ?? {});
        return result.loss;
      },
      names.map((name) => values[name]!),
      undefined,
      true,
    );
    const gradients = Object.fromEntries(
      grads.flatMap((gradient: tf.Tensor | null, i): [string, Float32Array][] =>
        gradient === null || gradient === undefined
          ? []
          : [[names[i]!, gradient.dataSync().slice() as Float32Array]],
      ),
    );
    const loss = value.dataSync()[0]!;
    tf.dispose([
      value,
      ...grads.filter((gradient) => gradient instanceof tf.Tensor),
      values,
      batchTensors,
      draw,
    ]);
    const squares = Object.values(gradients).map((gradient) => gradient.reduce((sum, g) => sum + g * g, 0));
    return { gradients, updates, loss, metrics, gradientNorm: Math.sqrt(squares.reduce((a, b) => a + b, 0)) };
  }

  #update(name: string, gradient: Float32Array, { learningRate, step }: StepSchedule): void {
    const spec = this.#model.parameters[name]!;
    const rate = typeof learningRate === 'number' ? learningRate : learningRate[spec.group ?? 'default']!;
    const slots = this.#slots.get(name) ?? [];
    this.#slots.set(name, slots);
    const decays = spec.decay ?? spec.shape.length >= 2;
    const weights = this.#value(name);
    ruleOf(this.#options.optimizer, decays)(weights, gradient, slots, { rate, step });
    const { averageDecay } = this.#options;
    const average = this.averages[name];
    if (averageDecay === undefined || average === undefined) return;
    for (const [i, weight] of weights.entries()) average[i]! += (1 - averageDecay) * (weight - average[i]!);
  }
}

/** Methods of a context as own properties; nothing is computed again, which must make no difference. */
const bound = (stepContext: ReturnType<typeof createStepContext>): ReturnType<typeof createStepContext> => ({
  training: stepContext.training,
  seed: () => stepContext.seed(),
  dropout: (x, rate) => stepContext.dropout(x, rate),
  noise: (x, deviation) => stepContext.noise(x, deviation),
  update: (name, value) => stepContext.update(name, value),
  recompute: (inputs, values, part) => part(inputs, values),
});

const context = ({ seed = 0 }: TrainerOptions, step: number) =>
  createStepContext({ training: false, seed, draw: tf.scalar(step, 'int32') });

const scalars = (tensors: Tensors): Record<string, number> =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, tensor.dataSync()[0]!]));

const tensorsOf = (batch: Batch): Record<string, tf.Tensor> =>
  Object.fromEntries(
    Object.entries(batch).map(([name, { shape, data, dtype }]: [string, Feed]) => [
      name,
      tf.tensor(
        data instanceof Uint8Array ? Int32Array.from(data) : data,
        [...shape],
        dtype === 'float32' ? 'float32' : 'int32',
      ),
    ]),
  );

function ruleOf(options: OptimizerOptions, decays: boolean): Rule {
  if (options.kind === 'sgd') return sgd(options, decays);
  if (options.kind === 'lamb') return lamb(options, decays);
  return adam(options, decays);
}

const sgd =
  (
    { momentum = 0, nesterov = false, weightDecay = 0 }: Extract<OptimizerOptions, { kind: 'sgd' }>,
    decays: boolean,
  ): Rule =>
  (w, g, slots, { rate }) => {
    const velocity = (slots[0] ??= new Float32Array(w.length));
    for (const [i, weight] of w.entries()) {
      velocity[i] = momentum * velocity[i]! - rate * g[i]!;
      const move = nesterov ? momentum * velocity[i] - rate * g[i]! : velocity[i];
      w[i] = weight * (1 - (decays ? rate * weightDecay : 0)) + move;
    }
  };

const adam =
  (options: Extract<OptimizerOptions, { kind: 'adam' | 'adamw' }>, decays: boolean): Rule =>
  (w, g, slots, { rate, step }) => {
    const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 } = options;
    const decay = options.kind === 'adamw' && decays ? (options.weightDecay ?? 0.01) : 0;
    const [first, second] = moments(slots, w.length);
    const correction = Math.sqrt(1 - beta2 ** step) / (1 - beta1 ** step);
    for (const [i, weight] of w.entries()) {
      first[i] = beta1 * first[i]! + (1 - beta1) * g[i]!;
      second[i] = beta2 * second[i]! + (1 - beta2) * g[i]! ** 2;
      w[i] = weight * (1 - rate * decay) - (rate * correction * first[i]) / (Math.sqrt(second[i]) + epsilon);
    }
  };

const lamb =
  (options: Extract<OptimizerOptions, { kind: 'lamb' }>, decays: boolean): Rule =>
  (w, g, slots, { rate, step }) => {
    const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7, weightDecay = 0.01 } = options;
    const [first, second] = moments(slots, w.length);
    const direction = w.map((weight, i) => {
      first[i] = beta1 * first[i]! + (1 - beta1) * g[i]!;
      second[i] = beta2 * second[i]! + (1 - beta2) * g[i]! ** 2;
      const root = Math.sqrt(second[i] / (1 - beta2 ** step)) + epsilon;
      return first[i] / (1 - beta1 ** step) / root + (decays ? weightDecay * weight : 0);
    });
    const norm = (values: Float32Array): number =>
      Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
    const ratio = norm(w) > 0 && norm(direction) > 0 ? norm(w) / norm(direction) : 1;
    for (const [i, move] of direction.entries()) w[i]! -= rate * ratio * move;
  };

function moments(slots: Float32Array[], length: number): [Float32Array, Float32Array] {
  return [(slots[0] ??= new Float32Array(length)), (slots[1] ??= new Float32Array(length))];
}
