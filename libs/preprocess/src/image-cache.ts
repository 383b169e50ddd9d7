import { sha256OfBytes } from '@assay/core';

/** Remembers decoded images by the SHA-256 of their encoded bytes; the least recently used ones go first. */
export class ImageCache {
  readonly #maxImages: number;
  readonly #decode: (bytes: Uint8Array) => Promise<Uint8Array>;
  readonly #images = new Map<string, Promise<Uint8Array>>();

  /** @param maxImages 0 remembers nothing */
  constructor(maxImages: number, decode: (bytes: Uint8Array) => Promise<Uint8Array>) {
    this.#maxImages = maxImages;
    this.#decode = decode;
  }

  /**
   * Decodes an image, or gives the pixels of an earlier one with the same bytes. Callers must not change them.
   * A failure is not remembered.
   */
  async get(bytes: Uint8Array): Promise<Uint8Array> {
    if (this.#maxImages === 0) return this.#decode(bytes);
    const key = sha256OfBytes(bytes);
    const image = this.#images.get(key) ?? this.#decode(bytes);
    this.#images.delete(key);
    this.#images.set(key, image); // last in the order of insertion: most recently used
    for (const oldest of this.#images.keys()) {
      if (this.#images.size <= this.#maxImages) break;
      this.#images.delete(oldest);
    }
    try {
      return await image;
    } catch (error) {
      if (this.#images.get(key) === image) this.#images.delete(key);
      throw error;
    }
  }
}
