/** Aborts what made no progress for a while. */
export class IdleTimer {
  readonly #controller = new AbortController();
  readonly #limitMs: number;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param limitMs longest time without progress
   * @param firstMs time until the first progress
   */
  constructor(limitMs: number, firstMs: number) {
    this.#limitMs = limitMs;
    this.#start(firstMs);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Something came or went: the wait starts anew. */
  progress(): void {
    this.stop();
    this.#start(this.#limitMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #start(limitMs: number): void {
    const reason = new DOMException(`nothing happened for ${limitMs} ms`, 'TimeoutError');
    this.#timer = setTimeout(() => this.#controller.abort(reason), limitMs);
  }
}
