import { open, stat, type FileHandle } from 'node:fs/promises';
import { AssayError } from '@assay/core';
import { asFileError } from './byte-chunks.js';
import { indexTar, tarError, type TarIndex } from './tar-index.js';

/** Reads members of tar archives in any order, without unpacking. An archive that changes is indexed anew. */
export class TarArchives {
  /** By path; a promise, so that readers at the same time wait for one index. */
  readonly #opened = new Map<string, { version: string; archive: Promise<OpenArchive> }>();

  /**
   * The members of an archive.
   *
   * @throws FILE_NOT_FOUND, FILE_CORRUPT as `indexTar`
   */
  async index(path: string): Promise<TarIndex> {
    return (await this.#archive(path)).index;
  }

  /**
   * Reads a member.
   *
   * @throws FILE_NOT_FOUND when the archive has no such member
   * @throws FILE_CORRUPT when the archive ends within it
   */
  async read(path: string, member: string): Promise<Buffer> {
    const { file, index } = await this.#archive(path);
    const found = index.get(member);
    if (found === undefined)
      throw new AssayError(
        'FILE_NOT_FOUND',
        `${path} has no member ${member}. Fix: tar -tf ${path} lists them.`,
        {
          details: { path, member },
        },
      );
    const bytes = Buffer.allocUnsafe(found.sizeBytes);
    const { bytesRead } = await file.read(bytes, 0, found.sizeBytes, found.offset);
    if (bytesRead === found.sizeBytes) return bytes;
    throw tarError(path, `ends within ${member}`, 'get the file again');
  }

  /** Closes the archives. */
  async close(): Promise<void> {
    const opened = [...this.#opened.values()];
    this.#opened.clear();
    for (const { archive } of opened) await closeArchive(archive);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #archive(path: string): Promise<OpenArchive> {
    const version = await versionOf(path);
    const before = this.#opened.get(path);
    if (before?.version === version) return before.archive;
    const archive = openArchive(path);
    this.#opened.set(path, { version, archive });
    if (before !== undefined) await closeArchive(before.archive);
    return archive;
  }
}

interface OpenArchive {
  file: FileHandle;
  index: TarIndex;
}

async function openArchive(path: string): Promise<OpenArchive> {
  const index = await indexTar(path);
  return { file: await open(path), index };
}

/** Whoever waits for an archive that could not be opened gets its error. */
async function closeArchive(archive: Promise<OpenArchive>): Promise<void> {
  const opened = await archive.catch(() => null);
  await opened?.file.close();
}

async function versionOf(path: string): Promise<string> {
  try {
    const { size, mtimeNs, ino } = await stat(path, { bigint: true });
    return `${size} ${mtimeNs} ${ino}`;
  } catch (error) {
    throw asFileError(error, path);
  }
}

/** A reference to a member of an archive: `images/0001.tar#cats/7.jpg`. */
export interface TarRef {
  archive: string;
  member: string;
}

export const formatTarRef = ({ archive, member }: TarRef): string => `${archive}#${member}`;

/** @returns null when the text is no such reference, but e.g. the path of a file */
export function parseTarRef(text: string): TarRef | null {
  const at = text.search(/\.tar#/i);
  return at < 0 ? null : { archive: text.slice(0, at + 4), member: text.slice(at + 5) };
}
