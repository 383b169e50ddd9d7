import { join } from 'node:path';
import { AssayError, readJson, sweepAbandoned, withAtomicDirectory, writeJsonAtomic } from '@assay/core';

/** Lists the variables of a checkpoint; beside it lies a tensor bundle, the format of TensorFlow's own checkpoints. */
const INDEX_FILE = 'checkpoint.json';
const BUNDLE = 'variables';
const SCHEMA_VERSION = 1;

interface Variable {
  name: string;
  shape: readonly number[];
}

/**
 * Writes a checkpoint: whole or not at all.
 *
 * @param write writes the tensor bundle with the given path prefix
 * @throws DISK_FULL when the disk is full
 */
export async function saveCheckpoint(
  dir: string,
  variables: readonly Variable[],
  write: (prefix: string) => void,
): Promise<void> {
  await withAtomicDirectory(dir, async (temporary) => {
    try {
      write(join(temporary, BUNDLE));
    } catch (error) {
      if (!/no space left|disk quota/i.test(String(error))) throw error;
      throw new AssayError(
        'DISK_FULL',
        `No space left while writing ${dir}; nothing was half written. Fix: free space on that disk, then save again.`,
        { cause: error, details: { path: dir } },
      );
    }
    await writeJsonAtomic(join(temporary, INDEX_FILE), { schemaVersion: SCHEMA_VERSION, variables });
  });
}

/**
 * Reads a checkpoint.
 *
 * @param read restores from the tensor bundle with the given path prefix, or throws before it changes anything
 * @throws FILE_NOT_FOUND when there is none
 * @throws FILE_CORRUPT when it is damaged or of another model; nothing is changed then
 */
export async function restoreCheckpoint(
  dir: string,
  variables: readonly Variable[],
  read: (prefix: string) => void,
): Promise<void> {
  await sweepAbandoned(dir);
  const found = await readJson(join(dir, INDEX_FILE));
  const expected = new Map(variables.map(({ name, shape }) => [name, String(shape)]));
  const saved = variablesOf(found, dir);
  const other = saved.find(({ name, shape }) => expected.get(name) !== String(shape));
  const missing = variables.find(({ name }) => !saved.some((variable) => variable.name === name));
  if (other !== undefined || missing !== undefined) {
    const difference =
      other !== undefined
        ? `it has '${other.name}' of shape [${other.shape.join(', ')}], expected ${expected.has(other.name) ? `[${expected.get(other.name) ?? ''}]` : 'no such variable'}`
        : `it lacks '${missing?.name ?? ''}'`;
    throw damaged(dir, `is a checkpoint of another program: ${difference}`);
  }
  try {
    read(join(dir, BUNDLE));
  } catch (error) {
    throw damaged(dir, 'is damaged: the engine cannot read its values', error);
  }
}

function variablesOf(index: unknown, dir: string): Variable[] {
  if (index !== null && typeof index === 'object' && 'schemaVersion' in index && 'variables' in index) {
    if (index.schemaVersion === SCHEMA_VERSION && Array.isArray(index.variables))
      return index.variables as Variable[]; // written by saveCheckpoint
  }
  throw damaged(dir, `is not a checkpoint of version ${SCHEMA_VERSION}`);
}

const damaged = (dir: string, what: string, cause?: unknown): AssayError =>
  new AssayError(
    'FILE_CORRUPT',
    `${dir} ${what}. Fix: restore a checkpoint that this program saved, or start anew.`,
    {
      cause,
      details: { path: dir },
    },
  );
