import { AssayError } from '@assay/core';
import { tf } from '@assay/tensorflow';
import { assertArray, assertRecord } from '../check-settings.js';
import { dropout } from '../ops/dropout.js';
import { gaussianNoise } from '../ops/gaussian-noise.js';
import { ownGradient } from '../ops/own-gradient.js';
import { captureStack, originOf } from '../origin.js';
import { computedAfter, withinPart } from '../recording.js';
import { isTensor } from '../stand-ins.js';
import type { StepContext, Tensors } from './model-definition.js';
import { guardNames } from './guard-names.js';
import { offTape, takeGradients } from './take-gradients.js';

interface ContextOptions {
  training: boolean;
  /** Any integer: another seed gives other dropout masks. */
  seed: number;
  /** int32 scalar that differs from step to step; without one nothing can be drawn. */
  draw?: tf.Tensor;
  /** Called with the new value of a state. */
  onUpdate?: (name: string, value: tf.Tensor) => void;
}

/** The context of one run of a model function, eager or recorded. */
export function createStepContext(options: ContextOptions): StepContext {
  return new Context(options);
}

class Context implements StepContext {
  readonly training: boolean;
  readonly #options: ContextOptions;
  /** Number of the next place that draws. */
  #site = 0;
  /** Set while a part is run again for its gradient. */
  #isRerun = false;

  constructor(options: ContextOptions) {
    this.training = options.training;
    this.#options = options;
  }

  seed(): tf.Tensor1D {
    const { seed, draw } = this.#options;
    if (draw === undefined)
      throw new AssayError(
        'TRACE_UNSUPPORTED',
        "The function 'predict' asks for a seed; a prediction is the same each time. Fix: draw in the loss only.",
      );
    const site = tf.scalar(mix(seed, this.#site++), 'int32');
    return tf.stack([site, draw]) as tf.Tensor1D; // two scalars
  }

  dropout<T extends tf.Tensor>(x: T, rate: number): T {
    return this.training && rate !== 0 ? dropout(x, rate, this.seed()) : x;
  }

  noise<T extends tf.Tensor>(x: T, deviation: number): T {
    return this.training && deviation !== 0 ? gaussianNoise(x, deviation, this.seed()) : x;
  }

  update(name: string, value: tf.Tensor): void {
    if (this.training && !this.#isRerun) this.#options.onUpdate?.(name, value);
  }

  recompute<T extends tf.Tensor>(
    inputs: readonly tf.Tensor[],
    values: Tensors,
    part: (inputs: readonly tf.Tensor[], values: Tensors) => T,
  ): T {
    assertRecord(values, 'recompute takes as values', '{ name: tensor }');
    assertArray(inputs, 'recompute takes as inputs', '[tensor, …]');
    if (!this.training) return part(inputs, values);
    const names = Object.keys(values);
    const args = [...inputs, ...names.map((name) => values[name] as tf.Tensor)]; // one per name
    const run = (all: readonly tf.Tensor[]): T => partOf(part, names, all);
    const site = this.#site;
    let used: readonly boolean[] = [];
    const value = offTape(() => {
      const once = withinPart(args, () => run(args));
      used = once.used;
      return args.includes(once.value) ? once.value.clone() : once.value; // an op gives a tensor of its own
    });
    // What the part does not depend on is no argument of the op: its gradient is missing, not 0.
    const ofUsed = (tensors: readonly tf.Tensor[]): tf.Tensor => {
      const left = [...tensors];
      return withinPart(tensors, () =>
        run(args.map((arg, i) => (used[i] === true ? (left.shift() ?? arg) : arg))),
      ).value;
    };
    const numInputs = inputs.filter((_, i) => used[i]).length;
    const recomputed = ownGradient('recompute', (...given) => {
      const save = given.pop() as unknown as tf.GradSaveFunc; // what customGrad passes last
      save(given as tf.Tensor[]);
      return {
        value,
        gradFunc: (gradient: tf.Tensor, saved: tf.Tensor[]) =>
          this.#again(site, () => gradientsOf(ofUsed, saved, numInputs, gradient)),
      };
    });
    return recomputed(...args.filter((_, i) => used[i])); // what the part gave
  }

  /** Runs a part with the numbers of its places as in the forward pass, so that it draws the same. */
  #again<R>(site: number, fn: () => R): R {
    const next = this.#site;
    this.#site = site;
    this.#isRerun = true;
    try {
      return fn();
    } finally {
      this.#site = next;
      this.#isRerun = false;
    }
  }
}

/** The result of a part. @throws TRACE_UNSUPPORTED when it is no tensor */
function partOf<T extends tf.Tensor>(
  part: (inputs: readonly tf.Tensor[], values: Tensors) => T,
  names: readonly string[],
  args: readonly tf.Tensor[],
): T {
  const numInputs = args.length - names.length;
  const values = Object.fromEntries(names.map((name, i) => [name, args[numInputs + i] as tf.Tensor])); // one per name
  const value: unknown = part(args.slice(0, numInputs), guardNames('value of this part', values));
  if (isTensor(value)) return value as T; // what the part gave
  throw new AssayError(
    'TRACE_UNSUPPORTED',
    `A part that is computed again${originOf(captureStack())} must return a tensor; got ${value === null ? 'null' : typeof value}. Fix: return one tensor, stacked or concatenated where there are several.`,
  );
}

/** Gradients of a part at its inputs and values, computed once the gradient of its result is there. */
function gradientsOf(
  run: (tensors: readonly tf.Tensor[]) => tf.Tensor,
  saved: readonly tf.Tensor[],
  numInputs: number,
  gradient: tf.Tensor,
): tf.Tensor[] {
  const tensors = saved.map((tensor, i) => (i < numInputs ? computedAfter(tensor, [gradient]) : tensor));
  const { grads } = takeGradients(() => run(tensors), tensors, gradient);
  return grads.map((slope, i) => slope ?? tf.zerosLike(tensors[i] as tf.Tensor)); // one gradient per tensor
}

/** Another int32 for every pair. @see Steele et al. 2014, "Fast splittable pseudorandom number generators" (finaliser) */
function mix(seed: number, site: number): number {
  if (!Number.isInteger(seed))
    throw new AssayError('USAGE', `The seed must be an integer; got ${seed}. Fix: pass a whole number.`);
  let hash = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(site + 1, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return hash ^ (hash >>> 16);
}
