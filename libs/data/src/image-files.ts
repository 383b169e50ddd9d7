import { readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { AssayError, sha256OfBytes, sha256OfStrings, systemCodeOf } from '@assay/core';
import {
  colorLayout,
  decodeSlots,
  hashImage,
  pixelDigest,
  type ImageCache,
  type RgbImage,
} from '@assay/preprocess';
import { parseTarRef, TarArchives } from './sources/tar-archive.js';
import type { ImageFingerprint } from './duplicates/find-duplicates.js';
import type { FingerprintJournal } from './fingerprint-journal.js';
import { fileVersion, stillKnown, type KnownFile } from './input-memory.js';

/** Larger files are refused unread: 50 million pixels without compression take 150 MB. */
const MAX_IMAGE_BYTES = 2 ** 28;

interface CheckOptions {
  /** Decodes images, and notes their fingerprints in the journal. */
  cache: ImageCache;
  /** Images that need not be looked at again. */
  journal: FingerprintJournal;
}

/** The image files that a source refers to: read and hashed, and checked by decoding them. */
export class ImageFiles {
  readonly #root: string;
  readonly #directory: string;
  /** Files by path; null for one that cannot be read. */
  readonly #files = new Map<string, KnownFile | null>();
  readonly #before: ReadonlyMap<string, KnownFile | null>;
  readonly #archives = new TarArchives();

  /**
   * @param root folder that the paths are relative to
   * @param directory folder, relative to the root, that no image may lie outside of
   * @param before what was known of files, by path: they are not read again unless they changed
   */
  constructor(root: string, directory: string, before: Iterable<[string, KnownFile | null]> = []) {
    this.#before = new Map(before);
    this.#root = root;
    this.#directory = directory;
  }

  /** Hashes a file, once. */
  async add(path: string): Promise<void> {
    if (this.#files.has(path)) return;
    const file = join(this.#root, parseTarRef(path)?.archive ?? path);
    const known = stillKnown(this.#before.get(path), file);
    this.#files.set(path, known ?? (await this.#hash(path, file)));
  }

  async #hash(path: string, file: string): Promise<KnownFile | null> {
    const version = fileVersion(file); // before the bytes: a change in between makes the next run read again
    const bytes = await this.read(path).catch(nullIfCoded);
    return bytes === null ? null : { version, sizeBytes: bytes.length, sha256: sha256OfBytes(bytes) };
  }

  /** What is known of every file that was added, by path. */
  known(): [string, KnownFile | null][] {
    return [...this.#files];
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

  /** The same files as they are now; to be closed. */
  async again(): Promise<ImageFiles> {
    const files = new ImageFiles(this.#root, this.#directory, this.#files);
    for (const path of this.#files.keys()) await files.add(path);
    return files;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Closes the archives that were read. */
  async close(): Promise<void> {
    await this.#archives.close();
  }

  /**
   * Reads a file, or a member of a tar archive: `photos.tar#cats/7.jpg`.
   *
   * @throws FILE_NOT_FOUND when it does not exist or cannot be read
   * @throws RECORD_INVALID when it is no regular file, or lies outside the folder of the images
   * @throws IMAGE_TOO_LARGE when it has more than 256 MiB
   */
  async read(path: string): Promise<Uint8Array> {
    const inArchive = parseTarRef(path);
    try {
      const file = await realpath(join(this.#root, inArchive?.archive ?? path));
      const sizeBytes = await this.#sizeOf(path, file);
      if (inArchive === null) {
        assertSize(path, sizeBytes);
        return await readFile(file);
      }
      assertSize(path, (await this.#archives.index(file)).get(inArchive.member)?.sizeBytes ?? 0);
      return await this.#archives.read(file, inArchive.member);
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
   * @returns what tells each image from others
   * @throws FILE_NOT_FOUND, RECORD_INVALID, IMAGE_INVALID or IMAGE_TOO_LARGE with the path in the message and the column
   * in `details`
   */
  async check(
    paths: readonly string[],
    column: string,
    { cache, journal }: CheckOptions,
  ): Promise<ImageFingerprint[]> {
    const fingerprints: ImageFingerprint[] = [];
    for (const path of paths) {
      try {
        const known = journal.get(this.sha256(path) ?? '');
        if (known !== undefined) {
          fingerprints.push(known);
          continue;
        }
        const sha256 = await decodeSlots.run(async () => {
          const bytes = await this.read(path); // in the slot: few images lie in memory, encoded or decoded
          await cache.get(bytes);
          return sha256OfBytes(bytes);
        });
        const fingerprint = journal.get(sha256);
        if (fingerprint === undefined)
          throw new AssayError('INTERNAL', `${path} was decoded without a fingerprint.`);
        fingerprints.push(fingerprint);
      } catch (error) {
        if (!(error instanceof AssayError)) throw error;
        throw new AssayError(error.code, `${path}: ${error.message}`, {
          cause: error,
          details: { ...error.details, path, column },
        });
      }
    }
    return fingerprints;
  }

  /**
   * @param file the path without links
   * @throws RECORD_INVALID when it lies outside the folder of the images, or is no regular file
   */
  async #sizeOf(path: string, file: string): Promise<number> {
    const folder = await realpath(join(this.#root, this.#directory));
    if (!file.startsWith(folder.endsWith(sep) ? folder : folder + sep))
      throw new AssayError(
        'RECORD_INVALID',
        `The image ${path} is a link out of ${folder}. Fix: copy the file, or name its folder in data.columns.images.directory.`,
      );
    const facts = await stat(file);
    if (facts.isFile()) return facts.size;
    throw new AssayError('RECORD_INVALID', `The image ${path} is no regular file. Fix: name a file.`);
  }
}

function assertSize(path: string, numBytes: number): void {
  if (numBytes <= MAX_IMAGE_BYTES) return;
  throw new AssayError(
    'IMAGE_TOO_LARGE',
    `The image ${path} has ${numBytes} bytes; allowed are ${MAX_IMAGE_BYTES}. Fix: shrink it.`,
  );
}

/** What tells a decoded image from others. */
export function fingerprintOf(image: RgbImage): ImageFingerprint {
  const { texture: _texture, ...hashes } = hashImage(image);
  return { digest: pixelDigest(image), colors: colorLayout(image), ...hashes };
}

function nullIfCoded(error: unknown): null {
  if (error instanceof AssayError) return null;
  throw error;
}
