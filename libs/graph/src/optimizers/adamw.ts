import { AssayError } from '@assay/core';
import { tf } from '@assay/tensorflow';
import { sizeOf } from '../data-types.js';
import { nativeBackend } from '../native-backend.js';
import { boolAttribute, typeAttribute } from '../ops/native-op.js';
import { ResourceVariable } from './resource-variable.js';

export interface AdamWOptions {
  /** Decay of the mean of the gradients, default 0.9. */
  beta1?: number;
  /** Decay of the mean of their squares, default 0.999. */
  beta2?: number;
  /** Default 1e-7. */
  epsilon?: number;
  /** Part of a weight that a step with learning rate 1 takes away, default 0. */
  weightDecay?: number;
  /** Which variables decay, by name; default: those with two axes or more. */
  decayFilter?: (name: string) => boolean;
}

interface Slot {
  variable: tf.Variable;
  decays: boolean;
  value: ResourceVariable;
  moment1: ResourceVariable;
  moment2: ResourceVariable;
}

/**
 * Adam with decoupled weight decay on eager variables, one fused kernel per variable:
 * w ← w·(1 − lr·decay) − lr·√(1−β₂ᵗ)/(1−β₁ᵗ) · m / (√v + ε).
 *
 * @see Loshchilov and Hutter 2019, "Decoupled weight decay regularization"; Kingma and Ba 2015 for the "ε hat" form
 */
export class AdamW {
  readonly #options: Required<Omit<AdamWOptions, 'decayFilter'>>;
  readonly #slots: Record<string, Slot>;
  #numSteps = 0;

  /** @param variables float32, by name; they stay the caller's and keep their identity over steps */
  constructor(variables: Readonly<Record<string, tf.Variable>>, options: AdamWOptions = {}) {
    const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7, weightDecay = 0, decayFilter } = options;
    this.#options = { beta1, beta2, epsilon, weightDecay };
    this.#slots = Object.fromEntries(
      Object.entries(variables).map(([name, variable]) => {
        const decays = weightDecay > 0 && (decayFilter?.(name) ?? variable.rank >= 2);
        return [name, makeSlot(variable, decays)];
      }),
    );
  }

  /** Number of steps so far. */
  get numSteps(): number {
    return this.#numSteps;
  }

  /**
   * Updates every variable.
   *
   * @param gradients one per variable, of its shape; they stay the caller's
   * @param learningRate ≥ 0
   * @throws SHAPE_MISMATCH when a gradient is missing or has another shape; nothing is updated then
   */
  step(gradients: Readonly<Record<string, tf.Tensor>>, learningRate: number): void {
    for (const [name, { variable }] of Object.entries(this.#slots))
      assertGradient(name, variable, gradients[name]);
    const { beta1, beta2, epsilon, weightDecay } = this.#options;
    const t = ++this.#numSteps;
    tf.tidy(() => {
      const scalars = [beta1 ** t, beta2 ** t, learningRate, beta1, beta2, epsilon].map((value) =>
        tf.scalar(value),
      );
      const keep = tf.scalar(1 - learningRate * weightDecay);
      for (const [name, slot] of Object.entries(this.#slots)) {
        const { variable, value, moment1, moment2, decays } = slot;
        // The variable is assigned anew at each step, since its owner may have changed it.
        value.assign(decays ? variable.mul(keep) : variable);
        const gradient = gradients[name];
        if (gradient !== undefined) applyAdam([value, moment1, moment2], [...scalars, gradient]);
        variable.assign(value.read());
      }
    });
  }

  /** @returns copies of the moments (`moment1/<name>`, `moment2/<name>`) and of the step count (`numSteps`), for a checkpoint */
  state(): Record<string, Float32Array> {
    return tf.tidy(() => {
      const state: Record<string, Float32Array> = { numSteps: Float32Array.of(this.#numSteps) };
      for (const [name, { moment1, moment2 }] of Object.entries(this.#slots)) {
        state[`moment1/${name}`] = Float32Array.from(moment1.read().dataSync());
        state[`moment2/${name}`] = Float32Array.from(moment2.read().dataSync());
      }
      return state;
    });
  }

  /**
   * Goes on from a checkpoint: the next step is bit-equal to the one that the saved optimiser would have made.
   *
   * @param state what `state()` gave for variables of the same names and shapes
   * @throws FILE_CORRUPT when a value is missing or has another length
   */
  restore(state: Readonly<Record<string, Float32Array>>): void {
    const [numSteps] = valuesOf(state, 'numSteps', 1);
    const restored = Object.entries(this.#slots).flatMap(([name, { variable, moment1, moment2 }]) => [
      { moment: moment1, shape: variable.shape, values: valuesOf(state, `moment1/${name}`, variable.size) },
      { moment: moment2, shape: variable.shape, values: valuesOf(state, `moment2/${name}`, variable.size) },
    ]);
    for (const { moment, shape, values } of restored) assignValues(moment, shape, values);
    this.#numSteps = numSteps ?? 0;
  }

  /** Frees the moments; the variables stay. */
  dispose(): void {
    for (const { value, moment1, moment2 } of Object.values(this.#slots))
      for (const resource of [value, moment1, moment2]) resource.dispose();
    for (const name of Object.keys(this.#slots)) delete this.#slots[name];
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

function makeSlot(variable: tf.Variable, decays: boolean): Slot {
  const make = (): ResourceVariable => new ResourceVariable(variable.shape);
  const slot = { variable, decays, value: make(), moment1: make(), moment2: make() };
  for (const moment of [slot.moment1, slot.moment2])
    assignValues(moment, variable.shape, new Float32Array(sizeOf(variable.shape)));
  return slot;
}

/** Adding 0 makes a copy in the engine's own memory: a variable must not hold memory of JavaScript. */
function assignValues(resource: ResourceVariable, shape: readonly number[], values: Float32Array): void {
  tf.tidy(() => resource.assign(tf.tensor(values, [...shape]).add(0)));
}

function applyAdam(resources: readonly ResourceVariable[], tensors: readonly tf.Tensor[]): void {
  const backend = nativeBackend();
  const ids = [...resources.map(({ handle }) => handle), ...backend.getInputTensorIds(tensors)];
  backend.binding.executeOp(
    'ResourceApplyAdam',
    [typeAttribute('T'), boolAttribute('use_locking', false), boolAttribute('use_nesterov', false)],
    ids,
    0,
  );
}

function assertGradient(name: string, variable: tf.Variable, gradient: tf.Tensor | undefined): void {
  if (gradient !== undefined && tf.util.arraysEqual(gradient.shape, variable.shape)) return;
  const received = gradient === undefined ? 'none' : `[${gradient.shape.join(', ')}]`;
  throw new AssayError(
    'SHAPE_MISMATCH',
    `The gradient of '${name}' must have the shape [${variable.shape.join(', ')}]; got ${received}. Fix: pass one gradient per variable.`,
  );
}

function valuesOf(state: Readonly<Record<string, Float32Array>>, key: string, length: number): Float32Array {
  const values = state[key];
  if (values?.length === length) return values;
  throw new AssayError(
    'FILE_CORRUPT',
    `The optimiser state has ${values === undefined ? 'no' : `${values.length}`} values for '${key}', expected ${length}. Fix: restore a checkpoint of the same model.`,
  );
}
