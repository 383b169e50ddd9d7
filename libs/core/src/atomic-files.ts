import { closeSync, existsSync, fsyncSync, openSync, readdirSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
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
 * @throws DISK_FULL when the disk is full; the old file is then untouched
 */
export async function writeFileAtomic(path: string, content: Uint8Array | string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = temporaryName(path, 'tmp');
  try {
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    syncDirectory(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw asDiskError(error, path);
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

/**
 * Lets `write` fill a fresh directory and moves it to `target` in one rename when it is complete.
 * If `write` throws, `target` is what it was before. If the process dies, it is that too, at the latest when the next call
 * or `sweepAbandoned` puts it back: one directory cannot take the place of another in a single step.
 *
 * @param write receives the temporary directory; it and all that lies in it are synced before the rename
 * @throws DISK_FULL when the disk is full
 */
export async function withAtomicDirectory<T>(target: string, write: (dir: string) => Promise<T>): Promise<T> {
  const path = resolve(target); // without the slash at the end, behind which a name would lie inside
  await mkdir(dirname(path), { recursive: true });
  await sweepAbandoned(path);
  const temporary = temporaryName(path, 'tmp');
  try {
    await mkdir(temporary);
    using _sign = keepFresh(temporary);
    const result = await write(temporary);
    for (const entry of readdirSync(temporary, { recursive: true, withFileTypes: true })) {
      if (entry.isFile() || entry.isDirectory()) syncDirectory(join(entry.parentPath, entry.name));
    }
    syncDirectory(temporary); // the names of what lies in it
    await replaceDirectory(temporary, path);
    return result;
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw asDiskError(error, path);
  }
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
