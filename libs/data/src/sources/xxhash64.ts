/** The primes of XXH64, as their high and low halves. */
const P1 = [0x9e3779b1, 0x85ebca87] as const;
const P2 = [0xc2b2ae3d, 0x27d4eb4f] as const;
const P3 = [0x165667b1, 0x9e3779f9] as const;
const P4 = [0x85ebca77, 0xc2b2ae63] as const;
const P5 = [0x27d4eb2f, 0x165667c5] as const;

const STRIPE = 32;

/**
 * XXH64 with the seed 0, of bytes that come in parts. A 64-bit number is two halves here, since a bigint would be thirty
 * times slower.
 *
 * @see https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md
 */
export class XxHash64 {
  /** High and low halves of the four accumulators. */
  readonly #high = Int32Array.of(0, 0, 0, 0);
  readonly #low = Int32Array.of(0, 0, 0, 0);
  readonly #rest = Buffer.alloc(STRIPE);
  #restBytes = 0;
  #totalBytes = 0;
  /** The number that the last operation gave. */
  #h = 0;
  #l = 0;

  constructor() {
    const start = [0n, 0n, 0n, 0n];
    const p1 = joined(P1);
    const p2 = joined(P2);
    start[0] = p1 + p2;
    start[1] = p2;
    start[3] = -p1;
    start.forEach((value, i) => {
      this.#high[i] = Number(BigInt.asIntN(32, value >> 32n));
      this.#low[i] = Number(BigInt.asIntN(32, value));
    });
  }

  update(bytes: Uint8Array): void {
    this.#totalBytes += bytes.length;
    let from = 0;
    if (this.#restBytes > 0) {
      from = Math.min(STRIPE - this.#restBytes, bytes.length);
      this.#rest.set(bytes.subarray(0, from), this.#restBytes);
      this.#restBytes += from;
      if (this.#restBytes < STRIPE) return;
      this.#stripes(this.#rest, 0, STRIPE);
    }
    const end = from + Math.floor((bytes.length - from) / STRIPE) * STRIPE;
    this.#stripes(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), from, end);
    this.#rest.set(bytes.subarray(end));
    this.#restBytes = bytes.length - end;
  }

  /** The hash of all bytes so far. */
  digest(): bigint {
    let hash = this.#totalBytes >= STRIPE ? this.#converged() : joined(P5);
    hash = wrap(hash + BigInt(this.#totalBytes));
    let at = 0;
    for (; at + 8 <= this.#restBytes; at += 8) {
      const lane = wrap(rotate(wrap(this.#rest.readBigUInt64LE(at) * joined(P2)), 31n) * joined(P1));
      hash = wrap(rotate(hash ^ lane, 27n) * joined(P1) + joined(P4));
    }
    if (at + 4 <= this.#restBytes) {
      const lane = wrap(BigInt(this.#rest.readUInt32LE(at)) * joined(P1));
      hash = wrap(rotate(hash ^ lane, 23n) * joined(P2) + joined(P3));
      at += 4;
    }
    for (; at < this.#restBytes; at++)
      hash = wrap(rotate(hash ^ wrap(BigInt(this.#rest.readUInt8(at)) * joined(P5)), 11n) * joined(P1));
    hash = wrap((hash ^ (hash >> 33n)) * joined(P2));
    hash = wrap((hash ^ (hash >> 29n)) * joined(P3));
    return hash ^ (hash >> 32n);
  }

  #converged(): bigint {
    const lanes = [0, 1, 2, 3].map((i) => joined([this.#high[i] ?? 0, this.#low[i] ?? 0]));
    let hash = wrap(lanes.reduce((sum, lane, i) => sum + rotate(lane, [1n, 7n, 12n, 18n][i] ?? 0n), 0n));
    for (const lane of lanes) {
      const round = wrap(rotate(wrap(lane * joined(P2)), 31n) * joined(P1));
      hash = wrap((hash ^ round) * joined(P1) + joined(P4));
    }
    return hash;
  }

  /** accumulator = rotate(accumulator + lane × P2, 31) × P1, for each of the four lanes of each stripe */
  #stripes(bytes: Buffer, from: number, end: number): void {
    for (let at = from; at < end; at += STRIPE) {
      for (let i = 0; i < 4; i++) {
        const lane = at + 8 * i;
        this.#multiply(bytes.readInt32LE(lane + 4), bytes.readInt32LE(lane), P2[0], P2[1]);
        const low = (this.#low[i] ?? 0) + this.#l;
        const carry = (this.#low[i] ?? 0) >>> 0 > ~this.#l >>> 0 ? 1 : 0;
        const high = ((this.#high[i] ?? 0) + this.#h + carry) | 0;
        this.#multiply((high << 31) | (low >>> 1), (low << 31) | (high >>> 1), P1[0], P1[1]);
        this.#high[i] = this.#h;
        this.#low[i] = this.#l;
      }
    }
  }

  /** The low 64 bits of a product, by halves of 16 bits where a number cannot hold 64. */
  #multiply(high: number, low: number, factorHigh: number, factorLow: number): void {
    const a0 = low & 0xffff;
    const a1 = low >>> 16;
    const b0 = factorLow & 0xffff;
    const b1 = factorLow >>> 16;
    const middle = a1 * b0 + ((a0 * b0) >>> 16);
    const carried = a0 * b1 + (middle & 0xffff);
    const upper = a1 * b1 + (middle - (middle & 0xffff)) / 0x10000 + Math.floor(carried / 0x10000);
    this.#l = Math.imul(low, factorLow);
    this.#h = (upper + Math.imul(high, factorLow) + Math.imul(low, factorHigh)) | 0;
  }
}

const joined = ([high, low]: readonly [number, number]): bigint =>
  (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
const wrap = (value: bigint): bigint => BigInt.asUintN(64, value);
const rotate = (value: bigint, bits: bigint): bigint => wrap(value << bits) | (value >> (64n - bits));
