import { colorDistance, hammingDistance } from '@assay/preprocess';
import { SMALL_FAMILY } from './crowd-search.js';
import { distinctTexts } from './exact-texts.js';
import { findNearHashes } from './near-hashes.js';
import { findNearTexts, type NearTextOptions, type NearTexts, type TextPair } from './near-texts.js';
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
  /** Colours of 4 × 4 parts. */
  colors: Uint8Array;
  /** Too little texture for its hashes to say anything. */
  isFlat: boolean;
}

export interface DuplicateOptions {
  /** How texts are compared; null compares only whether they are equal. */
  text: NearTextOptions | null;
  /** Bits of both hashes that may differ, and levels of the colours; null compares only whether images are equal. */
  image: { maxDistance64: number; maxDistance256: number; maxColorDistance: number } | null;
  signal?: AbortSignal;
}

export type DuplicateKind = 'equal text' | 'near text' | 'equal image' | 'near image' | 'mirrored image';

/** A text or image that some records have, and one like it that others have. */
export interface DuplicateLink {
  kind: DuplicateKind;
  /** 1 when equal; texts: Jaccard similarity; images: share of the 64 bits that agree. */
  similarity: number;
  /** Records with the one, in rising order. Of equal ones only the first, of near ones up to `MAX_HOLDERS`. */
  a: readonly number[];
  /** Records with the other. Of equal ones all but the first, of near ones up to `MAX_HOLDERS`. */
  b: readonly number[];
}

/** Records that a link of near ones names on a side. If more have the same, the link of equal ones names them all. */
export const MAX_HOLDERS = 16;

export interface Duplicates {
  /** By the first records of both sides, then kind. Of large families those that hold them together. */
  links: DuplicateLink[];
  /** Comparisons of texts that were left out, because there were too many. */
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
    const { pairs, skipped } =
      text === null ? this.#equalTexts() : await findNearTexts(this.#texts, { ...text, signal });
    const links = [...this.#textLinks(pairs), ...this.#equalImages()];
    if (image !== null) for (const link of await this.#nearImages(image, signal)) links.push(link);
    return { links: links.sort(byRecords), skipped };
  }

  #equalTexts(): NearTexts {
    const { copies } = distinctTexts(this.#texts.texts());
    return { pairs: copies.map(({ first, copy }) => ({ a: first, b: copy, similarity: 1 })), skipped: 0 };
  }

  *#textLinks(pairs: readonly TextPair[]): Generator<DuplicateLink> {
    const isEqual = ({ a, b, similarity }: TextPair): boolean =>
      similarity === 1 && this.#texts.areEqual(a, b);
    const recordsOf = new Map<number, number[]>();
    const near: TextPair[] = [];
    for (const pair of pairs) {
      if (!isEqual(pair)) {
        near.push(pair);
        continue;
      }
      const records = recordsOf.get(pair.a) ?? [pair.a];
      records.push(pair.b);
      recordsOf.set(pair.a, records);
    }
    for (const [first, ...others] of recordsOf.values())
      yield { kind: 'equal text', similarity: 1, a: [first ?? 0], b: others };
    const holders = (text: number): number[] => recordsOf.get(text)?.slice(0, MAX_HOLDERS) ?? [text];
    for (const { a, b, similarity } of near)
      yield { kind: 'near text', similarity, a: holders(a), b: holders(b) };
  }

  *#equalImages(): Generator<DuplicateLink> {
    for (const [first = 0, ...others] of this.#recordsOf)
      if (others.length > 0) yield { kind: 'equal image', similarity: 1, a: [first], b: others };
  }

  async #nearImages(
    { maxDistance64, maxDistance256, maxColorDistance }: NonNullable<DuplicateOptions['image']>,
    signal: AbortSignal | undefined,
  ): Promise<DuplicateLink[]> {
    const textured = this.#images.flatMap((image, position) => (image.isFlat ? [] : [{ image, position }]));
    const near = await findNearHashes({
      hashes: textured.map(({ image }) => image.hash64),
      mirrored: textured.map(({ image }) => image.mirrored64),
      maxDistance: maxDistance64,
      confirms: (a, b, isMirrored) => {
        const [x, y] = [textured[a]?.image, textured[b]?.image];
        if (x === undefined || y === undefined) return false;
        const fine = isMirrored
          ? Math.min(hammingDistance(x.hash256, y.mirrored256), hammingDistance(x.mirrored256, y.hash256))
          : hammingDistance(x.hash256, y.hash256);
        return fine <= maxDistance256 && colorDistance(x.colors, y.colors, isMirrored) <= maxColorDistance;
      },
      maxFamily: SMALL_FAMILY,
      signal,
    });
    const holders = (item: number): number[] =>
      this.#recordsOf[textured[item]?.position ?? 0]?.slice(0, MAX_HOLDERS) ?? [];
    return near.flatMap(({ a, b, isMirrored, distance }): DuplicateLink[] => {
      const [one, other] = [holders(a), holders(b)];
      if (one.length === 1 && other.length === 1 && one[0] === other[0]) return []; // two pictures of one record
      const kind = isMirrored ? 'mirrored image' : 'near image';
      return [{ kind, similarity: 1 - distance / 64, a: one, b: other }];
    });
  }
}

const byRecords = (x: DuplicateLink, y: DuplicateLink): number =>
  (x.a[0] ?? 0) - (y.a[0] ?? 0) ||
  (x.b[0] ?? 0) - (y.b[0] ?? 0) ||
  (x.kind < y.kind ? -1 : x.kind > y.kind ? 1 : 0);

/** Sets of records that links hold together. */
export function unionOf(numRecords: number, links: Iterable<Pick<DuplicateLink, 'a' | 'b'>>): UnionFind {
  const sets = new UnionFind(numRecords);
  for (const link of links) joinLink(sets, link);
  return sets;
}

/** Joins the records of a link. @returns whether any of them were apart */
export function joinLink(sets: UnionFind, { a, b }: Pick<DuplicateLink, 'a' | 'b'>): boolean {
  let wereApart = false;
  for (const record of [...a, ...b]) if (sets.union(a[0] ?? record, record)) wereApart = true;
  return wereApart;
}
