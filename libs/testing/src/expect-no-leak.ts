/** The part of the engine that a leak check needs. */
interface TensorCounter {
  memory(): { numTensors: number };
}

/**
 * Runs `fn` and fails when it leaves more tensors alive than it found.
 *
 * @returns what `fn` returned; dispose tensors inside `fn`
 */
export async function expectNoLeak<T>(counter: TensorCounter, fn: () => T | Promise<T>): Promise<T> {
  const before = counter.memory().numTensors;
  const result = await fn();
  const left = counter.memory().numTensors - before;
  if (left !== 0) throw new Error(`${left} tensors more than before are alive`);
  return result;
}
