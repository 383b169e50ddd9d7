import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AssayError, sha256OfBytes, sha256OfStrings, systemCodeOf } from '@assay/core';
import type { ImageCache } from '@assay/preprocess';

interface ImageFile {
  sizeBytes: number;
  sha256: string;
}

/** The image files that a source refers to: read and hashed, and checked by decoding them. */
export class ImageFiles {
  readonly #root: string;
  /** Files by path; null for one that does not exist. */
  readonly #files = new Map<string, ImageFile | null>();

  /** @param root folder that the paths are relative to */
  constructor(root: string) {
    this.#root = root;
  }

  /** Hashes a file, once. */
  async add(path: string): Promise<void> {
    if (this.#files.has(path)) return;
    const bytes = await this.#tryRead(path);
    this.#files.set(
      path,
      bytes === undefined ? null : { sizeBytes: bytes.length, sha256: sha256OfBytes(bytes) },
    );
  }

  /** Number of different paths. */
  get size(): number {
    return this.#files.size;
  }

  /** SHA-256 of a file that was added and exists. */
  sha256(path: string): string | undefined {
    return this.#files.get(path)?.sha256;
  }

  /** One digest of the path, size and hash of every file that was added. */
  digest(): string {
    const lines = [...this.#files].map(
      ([path, file]) => `${path} ${file === null ? 'missing' : `${file.sizeBytes} ${file.sha256}`}`,
    );
    return sha256OfStrings(lines.sort());
  }

  /**
   * Reads a file.
   *
   * @throws FILE_NOT_FOUND when it does not exist
   */
  async read(path: string): Promise<Uint8Array> {
    const bytes = await this.#tryRead(path);
    if (bytes !== undefined) return bytes;
    throw new AssayError('FILE_NOT_FOUND', `The image ${path} does not exist below ${this.#root}.`, {
      details: { path },
    });
  }

  /**
   * Reads and decodes the images of a record, to find out whether they can be.
   *
   * @param column column that names them, for the error
   * @throws FILE_NOT_FOUND, IMAGE_INVALID or IMAGE_TOO_LARGE with the path in the message and the column in `details`
   */
  async check(paths: readonly string[], column: string, cache: ImageCache): Promise<void> {
    for (const path of paths) {
      try {
        await cache.get(await this.read(path));
      } catch (error) {
        if (!(error instanceof AssayError)) throw error;
        throw new AssayError(error.code, `${path}: ${error.message}`, {
          cause: error,
          details: { ...error.details, path, column },
        });
      }
    }
  }

  async #tryRead(path: string): Promise<Buffer | undefined> {
    try {
      return await readFile(join(this.#root, path));
    } catch (error) {
      if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(systemCodeOf(error) ?? '')) return undefined;
      throw error;
    }
  }
}
