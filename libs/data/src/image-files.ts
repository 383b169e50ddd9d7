import { readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { AssayError, sha256OfBytes, sha256OfStrings, systemCodeOf } from '@assay/core';
import type { ImageCache } from '@assay/preprocess';

/** Larger files are refused unread: 50 million pixels without compression take 150 MB. */
const MAX_IMAGE_BYTES = 2 ** 28;

interface ImageFile {
  sizeBytes: number;
  sha256: string;
}

/** The image files that a source refers to: read and hashed, and checked by decoding them. */
export class ImageFiles {
  readonly #root: string;
  readonly #directory: string;
  /** Files by path; null for one that cannot be read. */
  readonly #files = new Map<string, ImageFile | null>();

  /**
   * @param root folder that the paths are relative to
   * @param directory folder, relative to the root, that no image may lie outside of
   */
  constructor(root: string, directory: string) {
    this.#root = root;
    this.#directory = directory;
  }

  /** Hashes a file, once. */
  async add(path: string): Promise<void> {
    if (this.#files.has(path)) return;
    const bytes = await this.read(path).catch(nullIfCoded);
    this.#files.set(path, bytes === null ? null : { sizeBytes: bytes.length, sha256: sha256OfBytes(bytes) });
  }

  /** Number of different paths. */
  get size(): number {
    return this.#files.size;
  }

  /** SHA-256 of a file that was added and can be read. */
  sha256(path: string): string | undefined {
    return this.#files.get(path)?.sha256;
  }

  /** One digest of the path, size and hash of every file that was added. */
  digest(): string {
    const lines = [...this.#files].map(
      ([path, file]) => `${path} ${file === null ? 'unreadable' : `${file.sizeBytes} ${file.sha256}`}`,
    );
    return sha256OfStrings(lines.sort());
  }

  /** The same files as they are now. */
  async again(): Promise<ImageFiles> {
    const files = new ImageFiles(this.#root, this.#directory);
    for (const path of this.#files.keys()) await files.add(path);
    return files;
  }

  /**
   * Reads a file.
   *
   * @throws FILE_NOT_FOUND when it does not exist or cannot be read
   * @throws RECORD_INVALID when it is no regular file, or lies outside the folder of the images
   * @throws IMAGE_TOO_LARGE when it has more than 256 MiB
   */
  async read(path: string): Promise<Uint8Array> {
    try {
      const file = await realpath(join(this.#root, path));
      await this.#assertReadable(path, file);
      return await readFile(file);
    } catch (error) {
      const code = systemCodeOf(error);
      if (error instanceof AssayError || code === undefined) throw error;
      const problem = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
      throw new AssayError('FILE_NOT_FOUND', `The image ${path} ${problem} below ${this.#root}.`, {
        cause: error,
        details: { path },
      });
    }
  }

  /**
   * Reads and decodes the images of a record, to find out whether they can be.
   *
   * @param column column that names them, for the error
   * @throws FILE_NOT_FOUND, RECORD_INVALID, IMAGE_INVALID or IMAGE_TOO_LARGE with the path in the message and the column
   * in `details`
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

  /** @param file the path without links */
  async #assertReadable(path: string, file: string): Promise<void> {
    const folder = await realpath(join(this.#root, this.#directory));
    if (!file.startsWith(folder.endsWith(sep) ? folder : folder + sep))
      throw new AssayError(
        'RECORD_INVALID',
        `The image ${path} is a link out of ${folder}. Fix: copy the file, or name its folder in data.columns.images.directory.`,
      );
    const facts = await stat(file);
    if (!facts.isFile())
      throw new AssayError('RECORD_INVALID', `The image ${path} is no regular file. Fix: name a file.`);
    if (facts.size > MAX_IMAGE_BYTES)
      throw new AssayError(
        'IMAGE_TOO_LARGE',
        `The image ${path} has ${facts.size} bytes; allowed are ${MAX_IMAGE_BYTES}. Fix: shrink it.`,
      );
  }
}

function nullIfCoded(error: unknown): null {
  if (error instanceof AssayError) return null;
  throw error;
}
