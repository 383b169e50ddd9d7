import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AssayError,
  readJson,
  sweepAbandoned,
  systemCodeOf,
  withAtomicDirectory,
  writeJsonAtomic,
  type Replaceable,
} from '@assay/core';
import { z } from 'zod';
import { SAVED_MODEL_FILE } from '../write-saved-model.js';

/** Lists the variables of a checkpoint; beside it lies a tensor bundle, the format of TensorFlow's own checkpoints. */
const INDEX_FILE = 'checkpoint.json';
const BUNDLE = 'variables';
const SCHEMA_VERSION = 2;

/** Whose variables a checkpoint holds. */
export interface CheckpointOwner {
  /** Kind of the optimiser: another may keep variables of the same names. */
  optimizer: string;
  variables: readonly { name: string; shape: readonly number[] }[];
}

const INDEX = z.strictObject({
  schemaVersion: z.literal(SCHEMA_VERSION),
  optimizer: z.string(),
  variables: z.array(z.strictObject({ name: z.string(), shape: z.array(z.int().min(0)) })),
});

/** Only a checkpoint gives way to a new one: a folder with an index of ours and the bundle beside it. */
const checkpointAt = (dir: string): Replaceable => ({
  what: 'a checkpoint',
  strangers: (names) =>
    hasIndex(dir)
      ? names.filter((name) => name !== INDEX_FILE && !/^variables\.(index|data-\d+-of-\d+)$/.test(name))
      : names,
});

function hasIndex(dir: string): boolean {
  try {
    return INDEX.safeParse(JSON.parse(readFileSync(join(dir, INDEX_FILE), 'utf8'))).success;
  } catch {
    return false; // there is none that can be read
  }
}

/**
 * Writes a checkpoint: whole or not at all.
 *
 * @param write writes the tensor bundle with the given path prefix
 * @throws DISK_FULL when the disk is full
 * @throws USAGE when `dir` is a file, the working directory, or a folder that holds something else than a checkpoint
 */
export async function saveCheckpoint(
  dir: string,
  { optimizer, variables }: CheckpointOwner,
  write: (prefix: string) => void,
): Promise<void> {
  const fill = async (temporary: string): Promise<void> => {
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
    await writeJsonAtomic(join(temporary, INDEX_FILE), {
      schemaVersion: SCHEMA_VERSION,
      optimizer,
      variables,
    });
  };
  await withAtomicDirectory(dir, fill, checkpointAt(dir));
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
  { optimizer, variables }: CheckpointOwner,
  read: (prefix: string) => void,
): Promise<void> {
  const found = await indexOf(dir);
  const expected = new Map(variables.map(({ name, shape }) => [name, String(shape)]));
  const index = INDEX.safeParse(found);
  if (!index.success) throw damaged(dir, `is not a checkpoint of version ${SCHEMA_VERSION}`, index.error);
  const { optimizer: kind, variables: saved } = index.data;
  if (kind !== optimizer)
    throw damaged(dir, `is a checkpoint of another program: its optimiser is ${kind}, expected ${optimizer}`);
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

/** @throws FILE_NOT_FOUND when there is no checkpoint, FILE_CORRUPT when its index is not JSON */
async function indexOf(dir: string): Promise<unknown> {
  try {
    await sweepAbandoned(dir);
    return await readJson(join(dir, INDEX_FILE));
  } catch (error) {
    if (systemCodeOf(error) === 'FILE_CORRUPT')
      throw damaged(dir, 'is damaged: its index is not JSON', error);
    const what = existsSync(join(dir, SAVED_MODEL_FILE))
      ? 'is a SavedModel, which has no state to train on from'
      : existsSync(dir)
        ? `is no checkpoint: ${INDEX_FILE} cannot be read in it`
        : 'does not exist';
    throw new AssayError('FILE_NOT_FOUND', `${dir} ${what}. Fix: name a folder that save() wrote.`, {
      cause: error,
      details: { path: dir },
    });
  }
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
