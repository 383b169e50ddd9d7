import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readJson } from '@assay/core';
import type { LeakReport, Rejection } from '@assay/data';

/** What a folder of prepared data holds. */
export interface PreparedDescription {
  dir: string;
  digest: string;
  labels: { kind: string; names: string[] };
  rows: number;
  purged: number;
  leaks: LeakReport;
  splits: Record<string, number>;
  /** Shape of each model input without the axis B, and its dtype. */
  inputs: Record<string, { dtype: string; shape: readonly number[] }>;
  preprocessorDigest: string;
  rejected: { code: string; column: string | null; count: number; firstLine: number; message: string }[];
}

/**
 * Opens a folder that prepare wrote and says what is in it.
 *
 * @throws STAGE_INPUT_MISSING when nothing was prepared there
 * @throws FILE_CORRUPT when a file is missing or damaged
 */
export async function describePrepared(dir: string): Promise<PreparedDescription> {
  const { PreparedData, SPLITS } = await import('@assay/data');
  const data = await PreparedData.open(dir);
  const { summary } = data.manifest;
  return {
    dir,
    digest: data.digest,
    labels: data.labels,
    rows: Number(summary['rows']),
    purged: Number(summary['purged']),
    splits: Object.fromEntries(SPLITS.map((split) => [split, data.numRows(split)])),
    leaks: (await readJson(join(dir, 'leak.json'))) as LeakReport, // its size is checked by the manifest
    inputs: data.preprocessor.inputSpecs,
    preprocessorDigest: data.preprocessor.digest,
    rejected: await countRejections(join(dir, 'rejected.jsonl')),
  };
}

/** Rejected rows by reason, the most frequent first. */
async function countRejections(path: string): Promise<PreparedDescription['rejected']> {
  const reasons = new Map<string, PreparedDescription['rejected'][number]>();
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    if (text === '') continue;
    const { code, column, line, message } = JSON.parse(text) as Rejection; // written by the stage
    const key = `${code} ${column ?? ''}`;
    const reason = reasons.get(key);
    if (reason === undefined) reasons.set(key, { code, column, count: 1, firstLine: line, message });
    else reason.count++;
  }
  return [...reasons.values()].sort((a, b) => b.count - a.count);
}
