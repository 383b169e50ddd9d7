import { AssayError } from '@assay/core';
import { tf } from '@assay/tensorflow';
import { describeSizes, type AxisSizes } from './axes.js';
import { dataTypeOf, type Given, type RefOf, type ValueRef } from './recording.js';
import { engineIdOf, isTensor } from './stand-ins.js';

/** A result of any shape in one recording. */
export interface RecordedOutput {
  ref: ValueRef;
  shape: readonly number[];
}

/** A result of any shape, for all sizes of the named axes. */
export interface TracedOutput {
  ref: ValueRef;
  /** null is an axis whose length depends on those of the inputs. */
  shape: readonly (number | null)[];
}

/** What a recording takes from outside, by id of the engine. */
export const givenRefs = (tensors: Readonly<Record<string, tf.Tensor>>): Map<number, Given> =>
  new Map(
    Object.entries(tensors).map(([name, tensor]) => [
      engineIdOf(tensor),
      { ref: { kind: 'given', name, dtype: dataTypeOf(tensor.dtype) }, shape: tensor.shape },
    ]),
  );

/** Runs `fn` and disposes the tensors that it makes. Its result is not tidy's, which would look for tensors in it. */
export function inTidy<R extends object>(fn: () => R): R {
  let result: R | undefined;
  tf.tidy(() => {
    result = fn();
  });
  if (result === undefined) throw new AssayError('INTERNAL', 'the function did not run');
  return result;
}

/**
 * @param what begins the message: 'The function'
 * @throws TRACE_UNSUPPORTED when the result is a Promise, a tensor, or no object
 */
export function returned<R extends object>(what: string, result: R | undefined): R {
  if (!(result instanceof Promise)) {
    if (typeof result === 'object' && result !== null && !isTensor(result)) return result;
    const received = isTensor(result) ? 'a tensor' : String(result);
    throw new AssayError(
      'TRACE_UNSUPPORTED',
      `${what} returned ${received}, expected an object of named tensors. Fix: give the tensor a name, like { y: … }.`,
    );
  }
  result.catch(() => undefined); // it failed or will fail because of the tracing; the error below says why
  throw new AssayError(
    'TRACE_UNSUPPORTED',
    `${what} is asynchronous; it returned a Promise. A graph has no values to wait for while it is traced. Fix: make it a plain function of tensor ops.`,
  );
}

/**
 * @param what begins the message: 'The function'
 * @throws TRACE_UNSUPPORTED when a result is not a tensor
 */
export function recordedOutputs(what: string, tensors: object, refOf: RefOf): Record<string, RecordedOutput> {
  const entries = Object.entries(tensors) as [string, unknown][];
  return Object.fromEntries(
    entries.map(([name, tensor]) => {
      if (isTensor(tensor)) return [name, { ref: refOf(engineIdOf(tensor)), shape: tensor.shape }];
      throw new AssayError(
        'TRACE_UNSUPPORTED',
        `${what} returned '${name}' of type ${typeof tensor}, expected a tensor. Fix: return an object of tensors only.`,
      );
    }),
  );
}

/**
 * @param what begins the message: 'The function'
 * @param results of each recording, as plain data: refs
 * @throws TRACE_UNSUPPORTED when they differ: the recordings did not do the same
 */
export function assertSameResults(
  what: string,
  results: readonly unknown[],
  points: readonly AxisSizes[],
): void {
  const texts = results.map((result) => JSON.stringify(result));
  const other = texts.findIndex((text) => text !== texts[0]);
  if (other < 0) return;
  throw new AssayError(
    'TRACE_UNSUPPORTED',
    `${what} computes its results from other ops at ${describeSizes(points[other] ?? {})} than at ${describeSizes(points[0] ?? {})}. Fix: use ops that work on the whole batch.`,
  );
}

/** Refs of recorded outputs. */
export const refsOf = (outputs: Readonly<Record<string, RecordedOutput>>): [string, ValueRef][] =>
  Object.entries(outputs).map(([name, { ref }]) => [name, ref]);

/** Outputs of several recordings, whose refs are the same, with the axes on which they agree. */
export function mergeOutputs(
  recordings: readonly Readonly<Record<string, RecordedOutput>>[],
): Record<string, TracedOutput> {
  return Object.fromEntries(
    Object.entries(recordings[0] ?? {}).map(([name, { ref, shape }]) => {
      const fixed = shape.map((length, axis) =>
        recordings.every((outputs) => outputs[name]?.shape[axis] === length) ? length : null,
      );
      return [name, { ref, shape: fixed }];
    }),
  );
}
