import { closeSync, existsSync, fsyncSync, openSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { AssayError, systemCodeOf } from './assay-error.js';
import { isAlive, keepFresh, ownIdentity, touch } from './process-identity.js';

let counter = 0;
/** Name beside `path` that no other process uses; `sweepAbandoned` knows it. */
export const temporaryName = (path: string, kind: 'tmp' | 'old'): string =>
  `${path}.${kind}-${ownIdentity()}-${counter++}`;

/** Turns "no space left" into DISK_FULL and leaves every other error as it is. */
export function asDiskError(error: unknown, path: string): unknown {
  const code = systemCodeOf(error) ?? systemCodeOf(causeOf(error));
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  return new AssayError(
    'DISK_FULL',
    `No space left while writing ${path}; nothing was half written. Fix: free space on that disk, then run the same command again.`,
    { cause: error, details: { path } },
  );
}

function causeOf(error: unknown): unknown {
  return error !== null && typeof error === 'object' && 'cause' in error ? error.cause : undefined;
}

/** Errors of Node that say something about a path, which whoever named it can change. */
const PATH_CODES = new Set([
  ...['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'EEXIST', 'ENOTDIR'],
  ...['EISDIR', 'ENOTEMPTY', 'ENAMETOOLONG', 'ELOOP'],
]);

function asPathError(error: unknown, path: string): unknown {
  if (!PATH_CODES.has(systemCodeOf(error) ?? '')) return error;
  const reason = (error as Error).message; // errors with such a code are Node's
  return new AssayError(
    'USAGE',
    `${path} cannot be written: ${reason}. Fix: name a path where this user may write.`,
    { cause: error, details: { path } },
  );
}

/** Node's own `recursive` never returns below a folder that denies having such a child, as /proc does. */
async function makeDirectories(path: string): Promise<void> {
  if (existsSync(path) && statSync(path).isDirectory()) return;
  try {
    await mkdir(path);
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === 'EEXIST' && existsSync(path) && statSync(path).isDirectory()) return; // made by another just now
    if (code !== 'ENOENT' || existsSync(dirname(path))) throw error;
    await makeDirectories(dirname(path));
    await makeDirectories(path);
  }
}

function syncDirectory(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * Writes a file so that a reader sees the old content or the new, never a part: temporary name, fsync, rename.
 *
 * @param content bytes, text, or parts of a text that may be longer than a string can be
 * @throws DISK_FULL when the disk is full; the old file is then untouched
 * @throws USAGE when the path cannot be written
 */
export async function writeFileAtomic(
  path: string,
  content: Uint8Array | string | Iterable<string>,
): Promise<void> {
  const temporary = temporaryName(path, 'tmp');
  try {
    await makeDirectories(dirname(resolve(path)));
    const file = await open(temporary, 'w');
    try {
      const isWhole = typeof content === 'string' || content instanceof Uint8Array;
      for (const part of isWhole ? [content] : content) await file.writeFile(part); // each where the last one ended
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    syncDirectory(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined); // the error of writing is the one to report
    throw asPathError(asDiskError(error, path), path);
  }
}

/** `writeFileAtomic` of a value as indented JSON with a final newline. */
export async function writeJsonAtomic(path: string, value: unknown): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`);
}

/**
 * Reads a JSON file. The caller parses the result with its schema.
 *
 * @throws FILE_NOT_FOUND when it does not exist
 * @throws FILE_CORRUPT when it is not JSON
 */
export async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') throw error;
    throw new AssayError('FILE_NOT_FOUND', `${path} does not exist.`, { cause: error, details: { path } });
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new AssayError(
      'FILE_CORRUPT',
      `${path} is not valid JSON. Fix: delete it and run the step that writes it again.`,
      {
        cause: error,
        details: { path },
      },
    );
  }
}

/** Which folders a new one may take the place of, beside empty ones. */
export interface Replaceable {
  /** E.g. `a checkpoint`. */
  what: string;
  /**
   * @param names paths of all that lies in the folder, relative to it
   * @returns what of it speaks against deleting the folder
   */
  strangers: (names: readonly string[]) => readonly string[];
}

/**
 * Lets `write` fill a fresh directory and moves it to `target` in one rename when it is complete.
 * If `write` throws, `target` is what it was before. If the process dies, it is that too, at the latest when the next call
 * or `sweepAbandoned` puts it back: one directory cannot take the place of another in a single step.
 *
 * @param write receives the temporary directory; it and all that lies in it are synced before the rename
 * @param replaces what may be deleted for the new directory; default: any folder
 * @throws USAGE when the target is empty text, a file, or a folder that holds the working directory or strangers; or when
 *   it cannot be written
 * @throws DISK_FULL when the disk is full
 */
export async function withAtomicDirectory<T>(
  target: string,
  write: (dir: string) => Promise<T>,
  replaces?: Replaceable,
): Promise<T> {
  if (target === '')
    throw new AssayError(
      'USAGE',
      "The folder to write has the name '', which is the working directory. Fix: name a folder of its own.",
    );
  const path = resolve(target); // without the slash at the end, behind which a name would lie inside
  const temporary = temporaryName(path, 'tmp');
  try {
    await onPath(path, async () => {
      await makeDirectories(dirname(path));
      await sweepAbandoned(path);
      assertReplaceable(path, replaces);
      await mkdir(temporary);
    });
    using _sign = keepFresh(temporary);
    const result = await write(temporary);
    for (const entry of readdirSync(temporary, { recursive: true, withFileTypes: true })) {
      if (entry.isFile() || entry.isDirectory()) syncDirectory(join(entry.parentPath, entry.name));
    }
    syncDirectory(temporary); // the names of what lies in it
    assertReplaceable(path, replaces); // writing may have taken hours
    await onPath(path, () => replaceDirectory(temporary, path));
    return result;
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined); // the first error is the one to report
    throw asDiskError(error, path);
  }
}

async function onPath(path: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    throw asPathError(error, path);
  }
}

function assertReplaceable(path: string, replaces: Replaceable | undefined): void {
  if (!existsSync(path)) return;
  const refuse = (what: string): never => {
    throw new AssayError(
      'USAGE',
      `${path} ${what}. Fix: name a folder that does not exist yet${replaces === undefined ? '' : `, is empty, or holds ${replaces.what}`}.`,
      { details: { path } },
    );
  };
  if (!statSync(path).isDirectory()) refuse('is a file, which would be deleted');
  if (`${realpathSync(process.cwd())}${sep}`.startsWith(realpathSync(path).replace(/[\\/]?$/, sep)))
    refuse('is or holds the working directory of this process, which would be deleted');
  const strangers = replaces?.strangers(readdirSync(path, { recursive: true, encoding: 'utf8' })) ?? [];
  if (strangers.length === 0) return;
  const more = strangers.length > 3 ? ` and ${strangers.length - 3} more` : '';
  refuse(`holds ${strangers.slice(0, 3).join(', ')}${more}, which would be deleted`);
}

async function replaceDirectory(from: string, to: string): Promise<void> {
  const old = temporaryName(to, 'old');
  const replaces = existsSync(to);
  if (replaces) {
    await touch(to); // a moved away folder that looks old is abandoned in the eyes of another machine
    await rename(to, old);
  }
  try {
    await rename(from, to);
  } catch (error) {
    if (replaces) await rename(old, to);
    throw error;
  }
  syncDirectory(dirname(to));
  await rm(old, { recursive: true, force: true });
}

/**
 * Removes temporary files and directories beside `path` whose writers are dead; on other machines, silent for 15 minutes.
 * When `path` itself is missing, what a dead writer had moved away to replace it is put back first.
 */
export async function sweepAbandoned(path: string): Promise<void> {
  const parent = dirname(path);
  if (!existsSync(parent)) return;
  const abandoned = readdirSync(parent).filter((name) => isAbandoned(join(parent, name), basename(path)));
  const old = abandoned.find((name) => name.startsWith(`${basename(path)}.old-`));
  if (old !== undefined && !existsSync(path)) await rename(join(parent, old), path);
  for (const name of abandoned) await rm(join(parent, name), { recursive: true, force: true });
}

function isAbandoned(path: string, target: string): boolean {
  const name = basename(path);
  if (!name.startsWith(`${target}.`)) return false;
  const writer = /^\.(?:tmp|old)-(\d+-\d+(?:-[0-9a-f]{8})?)-\d+$/.exec(name.slice(target.length))?.[1];
  return writer !== undefined && !isAlive(writer, path);
}
