/** Odd, so that no character is lost in the powers; else any number would do. */
const BASE = 0x01000193;

/**
 * Hashes of the shingles of texts: of each run of k characters (code points) one 32-bit number, by a rolling polynomial and
 * the finaliser of MurmurHash3. A text of fewer characters is one shingle. An object hashes one text at a time.
 *
 * @see Broder 1997, "On the resemblance and containment of documents"
 */
export class Shingler {
  readonly #length: number;
  readonly #highest: number;
  #points = new Uint32Array(4096);
  #hashes = new Uint32Array(4096);

  /** @param length characters of a shingle, k ≥ 1 */
  constructor(length: number) {
    this.#length = length;
    let power = 1;
    for (let i = 1; i < length; i++) power = Math.imul(power, BASE);
    this.#highest = power;
  }

  /**
   * @param bytes UTF-8
   * @returns one hash a shingle, repeated ones too; the next call overwrites it
   */
  hash(bytes: Uint8Array): Uint32Array {
    if (bytes.length > this.#points.length) {
      this.#points = new Uint32Array(2 * bytes.length);
      this.#hashes = new Uint32Array(2 * bytes.length);
    }
    const points = this.#points;
    const numPoints = decode(bytes, points);
    if (numPoints === 0) return this.#hashes.subarray(0, 0);
    const k = Math.min(this.#length, numPoints);
    let rolling = 0;
    for (let i = 0; i < k; i++) rolling = (Math.imul(rolling, BASE) + (points[i] ?? 0) + 1) | 0;
    this.#hashes[0] = mixed(rolling);
    const highest = this.#highest; // only used when k is the whole length
    for (let i = k; i < numPoints; i++) {
      rolling = (rolling - Math.imul((points[i - k] ?? 0) + 1, highest)) | 0;
      rolling = (Math.imul(rolling, BASE) + (points[i] ?? 0) + 1) | 0;
      this.#hashes[i - k + 1] = mixed(rolling);
    }
    return this.#hashes.subarray(0, numPoints - k + 1);
  }
}

/** Finaliser of MurmurHash3: every bit of the result depends on every bit of the input. */
export function mixed(value: number): number {
  let x = value;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** Code points of well-formed UTF-8. @returns how many there are */
function decode(bytes: Uint8Array, points: Uint32Array): number {
  let count = 0;
  for (let i = 0; i < bytes.length;) {
    const first = bytes[i] ?? 0;
    const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    let point = length === 1 ? first : first & (0xff >> (length + 1));
    for (let j = 1; j < length; j++) point = (point << 6) | ((bytes[i + j] ?? 0) & 0x3f);
    points[count++] = point;
    i += length;
  }
  return count;
}
