import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root of the checkout. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Folder of everything that set-up makes; several checkouts may share one by `ASSAY_HOME`. */
export const HOME = process.env.ASSAY_HOME ? resolve(process.env.ASSAY_HOME) : join(ROOT, '.assay');

export const REQUIREMENTS = process.env.ASSAY_REQUIREMENTS ?? join(ROOT, 'requirements');

/** SHA-256 over texts and files' bytes, shortened to 16 hex digits. */
export function digestOf(...parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex').slice(0, 16);
}

/** Content of a file, or '' when it does not exist. */
export function readOr(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return '';
  }
}
