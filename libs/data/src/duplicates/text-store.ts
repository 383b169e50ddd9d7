/** Texts as UTF-8 in memory that threads share. */
export interface StoredTexts {
  bytes: SharedArrayBuffer[];
  /** Chunk of each text. */
  chunk_N: Uint32Array;
  /** Of the first byte of each text in its chunk. */
  start_N: Uint32Array;
  /** Number of bytes of each text. */
  length_N: Uint32Array;
}

const CHUNK_BYTES = 2 ** 24;
const encoder = new TextEncoder();

/** Collects texts one by one. */
export class TextStore {
  readonly #chunks: SharedArrayBuffer[] = [];
  #places = new Uint32Array(3 * 1024);
  #count = 0;
  #used = 0;

  get count(): number {
    return this.#count;
  }

  /** @returns the number of the text, counted from 0 */
  add(text: string): number {
    const most = 3 * text.length; // UTF-8 of a UTF-16 unit
    let chunk = this.#chunks.at(-1);
    if (chunk === undefined || chunk.byteLength - this.#used < most) {
      chunk = new SharedArrayBuffer(Math.max(CHUNK_BYTES, most));
      this.#chunks.push(chunk);
      this.#used = 0;
    }
    const { written } = encoder.encodeInto(text, new Uint8Array(chunk, this.#used));
    if (3 * this.#count === this.#places.length) this.#places = grown(this.#places);
    this.#places.set([this.#chunks.length - 1, this.#used, written], 3 * this.#count);
    this.#used += written;
    return this.#count++;
  }

  /** Whether two texts are equal byte by byte. */
  areEqual(a: number, b: number): boolean {
    return Buffer.compare(this.#bytesOf(a), this.#bytesOf(b)) === 0;
  }

  #bytesOf(text: number): Uint8Array {
    const [chunk = 0, start, length] = this.#places.subarray(3 * text, 3 * text + 3);
    return new Uint8Array(this.#chunks[chunk] ?? new ArrayBuffer(0), start, length);
  }

  /** The texts that were added, without a copy of them. */
  texts(): StoredTexts {
    const column = (i: number): Uint32Array => {
      const values = new Uint32Array(new SharedArrayBuffer(4 * this.#count));
      for (let n = 0; n < this.#count; n++) values[n] = this.#places[3 * n + i] ?? 0;
      return values;
    };
    return { bytes: this.#chunks, chunk_N: column(0), start_N: column(1), length_N: column(2) };
  }
}

function grown(places: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(2 * places.length);
  larger.set(places);
  return larger;
}

/** Bytes of a text. */
export const bytesOf = ({ bytes, chunk_N, start_N, length_N }: StoredTexts, text: number): Uint8Array =>
  new Uint8Array(bytes[chunk_N[text] ?? 0] ?? new ArrayBuffer(0), start_N[text], length_N[text]);
