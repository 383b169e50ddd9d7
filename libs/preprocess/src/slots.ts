import { availableParallelism } from 'node:os';

/** Threads on which Node runs what would block it: files, and the decoding of images. */
const POOL_THREADS = Number(process.env['UV_THREADPOOL_SIZE'] ?? 4) || 4;

/** Lets a number of tasks run at once; the others wait in line. */
export class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  /** @param count tasks that run at once, ≥ 1 */
  constructor(readonly count: number) {
    this.#free = count;
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next(); // hands its slot over
    }
  }

  /**
   * Runs a task for each item. It queues no more than `count` of them at a time, so that callers take turns. After a
   * failure it begins no further one, and rejects when those that run have ended: then nothing goes on behind its back.
   *
   * @returns the results in the order of the items
   */
  async map<T, R>(items: readonly T[], task: (item: T) => Promise<R>): Promise<R[]> {
    const results: R[] = [];
    const failures: unknown[] = [];
    const pending = items.entries();
    const work = async (): Promise<void> => {
      for (const [i, item] of pending) {
        await this.run(async () => {
          if (failures.length > 0) return;
          try {
            results[i] = await task(item);
          } catch (error) {
            failures.push(error); // before the slot goes to the next in line
          }
        });
        if (failures.length > 0) return;
      }
    };
    await Promise.all(Array.from({ length: Math.min(this.count, items.length) }, work));
    if (failures.length > 0) throw failures[0];
    return results;
  }
}

/** For decoding, shared by the process: a core each, and one thread of the pool stays free for files. */
export const decodeSlots = new Slots(Math.max(1, Math.min(availableParallelism(), POOL_THREADS - 1)));
