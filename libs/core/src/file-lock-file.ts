import { randomBytes } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { systemCodeOf } from './assay-error.js';
import { temporaryName } from './atomic-files.js';
import { ownIdentity } from './process-identity.js';

/** Name of one acquisition by this process. It never comes back, so that a lock seen twice is the same one. */
export const newToken = (): string => `${ownIdentity()}-${randomBytes(4).toString('hex')}`;

/** Token in a lock file, or undefined when there is no file. */
export async function tokenIn(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Creates a lock file with its token in one step, so that it never stands there without the name of its holder.
 *
 * @param lock the lock beside which the temporary file lies, where its holder sweeps what killed processes left
 * @returns false when the file exists
 */
export async function tryCreate(path: string, token: string, lock = path): Promise<boolean> {
  const temporary = temporaryName(lock, 'tmp');
  try {
    await writeFile(temporary, token);
    await link(temporary, path);
    return true;
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}
