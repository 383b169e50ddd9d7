import { hammingDistance } from '@assay/preprocess';
import { distinctTexts } from './exact-texts.js';
import { findNearHashes } from './near-hashes.js';
import { findNearTexts, type NearTextOptions, type NearTexts } from './near-texts.js';
import { TextStore } from './text-store.js';
import { UnionFind } from './union-find.js';

/** What is known of a picture. */
export interface ImageFingerprint {
  /** Of the decoded pixels: equal pictures have equal digests. */
  digest: string;
  /** Perceptual hash of 64 bits, and that of the mirror image. */
  hash64: Uint8Array;
  mirrored64: Uint8Array;
  /** The same of 256 bits. */
  hash256: Uint8Array;
  mirrored256: Uint8Array;
  /** Too little texture for its hashes to say anything. */
  isFlat: boolean;
}

export interface DuplicateOptions {
  /** How texts are compared; null compares only whether they are equal. */
  text: NearTextOptions | null;
  /** Bits of both hashes that may differ; null compares only whether images are equal. */
  image: { maxDistance64: number; maxDistance256: number } | null;
  signal?: AbortSignal;
}

export type DuplicateKind = 'equal text' | 'near text' | 'equal image' | 'near image' | 'mirrored image';

/** Two records that have something in common, a before b. */
export interface DuplicatePair {
  a: number;
  b: number;
  kind: DuplicateKind;
  /** 1 when equal; texts: Jaccard similarity; images: share of the 64 bits that agree. */
  similarity: number;
}

export interface Duplicates {
  /**
   * By a, then b, then kind. Of records with the same text or image each is paired with the first of them, and only the
   * first with what is like it.
   */
  pairs: DuplicatePair[];
  /** Comparisons of texts that were left out, because many had a part in common. */
  skipped: number;
}

/** Collects records and finds which of them are copies. */
export class DuplicateFinder {
  readonly #texts = new TextStore();
  readonly #images: ImageFingerprint[] = [];
  readonly #imageOf = new Map<string, number>();
  /** Records by image, each once, in order. */
  readonly #recordsOf: number[][] = [];
  #count = 0;

  /** @param text in the view in which texts are compared @returns the number of the record, counted from 0 */
  add(text: string, images: readonly ImageFingerprint[]): number {
    const record = this.#count++;
    this.#texts.add(text);
    for (const image of images) {
      let position = this.#imageOf.get(image.digest);
      if (position === undefined) {
        position = this.#images.push(image) - 1;
        this.#imageOf.set(image.digest, position);
        this.#recordsOf.push([]);
      }
      const records = this.#recordsOf[position];
      if (records?.at(-1) !== record) records?.push(record);
    }
    return record;
  }

  get count(): number {
    return this.#count;
  }

  /**
   * Compares all records that were added.
   *
   * @throws USAGE when an option is out of range
   * @throws INTERRUPTED when the signal is aborted
   */
  async find({ text, image, signal }: DuplicateOptions): Promise<Duplicates> {
    const { pairs: ofTexts, skipped } =
      text === null ? this.#equalTexts() : await findNearTexts(this.#texts, { ...text, signal });
    const textPairs = ofTexts.map(({ a, b, similarity }): DuplicatePair => {
      const isEqual = similarity === 1 && this.#texts.areEqual(a, b);
      return { a, b, kind: isEqual ? 'equal text' : 'near text', similarity };
    });
    return { pairs: [...textPairs, ...this.#imagePairs(image)].sort(byRecords), skipped };
  }

  #equalTexts(): NearTexts {
    const { copies } = distinctTexts(this.#texts.texts());
    return { pairs: copies.map(({ first, copy }) => ({ a: first, b: copy, similarity: 1 })), skipped: 0 };
  }

  *#imagePairs(options: DuplicateOptions['image']): Generator<DuplicatePair> {
    for (const [first, ...others] of this.#recordsOf)
      for (const other of others) yield { a: first ?? 0, b: other, kind: 'equal image', similarity: 1 };
    if (options === null) return;
    const { maxDistance64, maxDistance256 } = options;
    const textured = this.#images.flatMap((image, position) => (image.isFlat ? [] : [{ image, position }]));
    const hashes = textured.map(({ image }) => image.hash64);
    const mirrored = textured.map(({ image }) => image.mirrored64);
    for (const { a, b, distance, isMirrored } of findNearHashes({
      hashes,
      mirrored,
      maxDistance: maxDistance64,
    })) {
      const [x, y] = [textured[a], textured[b]];
      if (x === undefined || y === undefined) continue;
      const fine = isMirrored ? y.image.mirrored256 : y.image.hash256;
      if (hammingDistance(x.image.hash256, fine) > maxDistance256) continue;
      const [first = 0, second = 0] = [this.#recordsOf[x.position]?.[0], this.#recordsOf[y.position]?.[0]];
      if (first === second) continue; // two pictures of one record
      yield {
        a: Math.min(first, second),
        b: Math.max(first, second),
        kind: isMirrored ? 'mirrored image' : 'near image',
        similarity: 1 - distance / 64,
      };
    }
  }
}

const byRecords = (x: DuplicatePair, y: DuplicatePair): number =>
  x.a - y.a || x.b - y.b || (x.kind < y.kind ? -1 : x.kind > y.kind ? 1 : 0);

/** Sets of records that pairs link, each in rising order. */
export function componentsOf(numRecords: number, pairs: Iterable<{ a: number; b: number }>): number[][] {
  const sets = new UnionFind(numRecords);
  for (const { a, b } of pairs) sets.union(a, b);
  return sets.components();
}
