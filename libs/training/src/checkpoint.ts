import { existsSync } from 'node:fs';
import { readSafetensors, writeSafetensors } from '@assay/data';
import { AssayError, type Logger } from '@assay/core';
import type { EpochLog } from './epoch-log.js';
import { packed, unpacked, type NamedArrays } from './named-arrays.js';

const VERSION = 2;

/** Everything that a run needs to go on after an epoch as if it had never stopped. */
export interface Checkpoint {
  history: EpochLog[];
  weights: NamedArrays;
  /** Weights of the best epoch so far. */
  best: NamedArrays;
  /** Moments of the optimiser. */
  optimizer: NamedArrays;
}

const PARTS = ['weights', 'best', 'optimizer'] as const;

/**
 * Saves a checkpoint as one file, so that weights and history can never disagree.
 *
 * @throws DISK_FULL when the disk is full; the earlier checkpoint is then kept
 */
export async function saveCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  const tensors = Object.fromEntries(
    PARTS.flatMap((part) => Object.entries(packed(checkpoint[part], `${part}/`))),
  );
  await writeSafetensors(path, tensors, {
    version: String(VERSION),
    history: JSON.stringify(checkpoint.history),
  });
}

/**
 * Reads a checkpoint.
 *
 * @returns undefined when there is none
 * @throws FILE_CORRUPT when the file is not a checkpoint
 */
export async function loadCheckpoint(path: string): Promise<Checkpoint | undefined> {
  if (!existsSync(path)) return undefined;
  const { tensors, metadata } = await readSafetensors(path);
  if (metadata['version'] !== String(VERSION) || metadata['history'] === undefined) {
    throw damaged(path);
  }
  return {
    history: historyOf(path, metadata['history']),
    weights: unpacked(tensors, 'weights/'),
    best: unpacked(tensors, 'best/'),
    optimizer: unpacked(tensors, 'optimizer/'),
  };
}

function historyOf(path: string, text: string): EpochLog[] {
  try {
    return JSON.parse(text) as EpochLog[]; // written by saveCheckpoint
  } catch (error) {
    throw damaged(path, error);
  }
}

const damaged = (path: string, cause?: unknown): AssayError =>
  new AssayError(
    'FILE_CORRUPT',
    `${path} is not a checkpoint of version ${VERSION}. Fix: delete it; training then starts from the first epoch.`,
    { cause },
  );

/** The checkpoint to go on from; a damaged one is reported and left aside, for it would stop every later run too. */
export async function usableCheckpoint(path: string, logger: Logger): Promise<Checkpoint | undefined> {
  try {
    return await loadCheckpoint(path);
  } catch (error) {
    if (!(error instanceof AssayError) || error.code !== 'FILE_CORRUPT') throw error;
    logger.warn({ path, err: error }, 'the checkpoint is damaged: training starts from the first epoch');
    return undefined;
  }
}
