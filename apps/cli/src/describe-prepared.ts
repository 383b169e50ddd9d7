import { join } from 'node:path';
import { readJson } from '@assay/core';
import type { LeakReport, RejectionReason } from '@assay/data';

/** What a folder of prepared data holds. */
export interface PreparedDescription {
  dir: string;
  digest: string;
  labels: { kind: string; names: string[] };
  rows: number;
  purged: number;
  leaks: LeakReport;
  /** What the leak report did not look at, in sentences. */
  notCompared: string[];
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
  const { notCompared, PreparedData, readRejectionReasons, SPLITS } = await import('@assay/data');
  const data = await PreparedData.open(dir);
  const { summary } = data.manifest;
  const leaks = (await readJson(join(dir, 'leak.json'))) as LeakReport; // its size is checked by the manifest
  return {
    dir,
    digest: data.digest,
    labels: data.labels,
    rows: Number(summary['rows']),
    purged: Number(summary['purged']),
    splits: Object.fromEntries(SPLITS.map((split) => [split, data.numRows(split)])),
    leaks,
    notCompared: notCompared(leaks),
    inputs: data.preprocessor.inputSpecs,
    preprocessorDigest: data.preprocessor.digest,
    rejected: rejectionsOf(await readRejectionReasons(dir)),
  };
}

/** Rejected rows by reason, the most frequent first. */
const rejectionsOf = (reasons: readonly RejectionReason[]): PreparedDescription['rejected'] =>
  reasons.map(({ code, column, count, firsts: [first] }) => ({
    ...{ code, column, count },
    ...{ firstLine: first?.line ?? 0, message: first?.message ?? '' },
  }));
