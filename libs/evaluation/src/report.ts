import { join } from 'node:path';
import { AssayError, readJson } from '@assay/core';
import type { LeakReport } from '@assay/data';
import type { PolicyOperatingPoint } from '@assay/policy';
import type { Interval } from './metrics/intervals.js';

/** A figure with its 95 % interval. */
export interface Figure {
  /** null when the data do not define it, e.g. without a positive record. */
  value: number | null;
  interval: Interval | null;
}

export interface PolicyReport {
  policy: string;
  /** Test records with a known label, and the violations among them (soft labels count from one half). */
  known: number;
  positives: number;
  averagePrecision: Figure;
  auroc: Figure;
  logLoss: number | null;
  brier: number | null;
  operatingPoint: PolicyOperatingPoint;
  /** Share of the violations of the calibration split that the review threshold catches; its interval is the exact one. */
  calibrationRecall: Figure;
  /** What the operating point does on the test split. */
  bands: { act: number; review: number; pass: number };
  precision: Figure;
  recall: Figure;
  /** Share of violations that act and review together catch. */
  caught: Figure;
  curve: { precision: number; recall: number }[];
  /** Records by score, in bins of equal width over [0, 1]. */
  histogram: { bin: number; positives: number; negatives: number }[];
  reliability: { predicted: number; observed: number; records: number }[];
}

export interface SliceReport {
  column: string;
  value: string;
  policy: string;
  known: number;
  positives: number;
  averagePrecision: number | null;
}

export interface ModalityReport {
  /** What the model was shown. */
  shown: string;
  averagePrecision: Record<string, number | null>;
  mean: number | null;
}

export interface ErrorExample {
  policy: string;
  id: string;
  score: number;
  label: number;
  text: string;
}

export interface GateResult {
  policy: string;
  metric: string;
  atLeast: number;
  value: number | null;
  pass: boolean;
}

export interface Verdict {
  verdict: 'pass' | 'fail';
  leaky: boolean;
  gates: GateResult[];
  /** Why it failed; empty when it passed. */
  reasons: string[];
}

/** Content of `report.json`. */
export interface Report {
  schemaVersion: 2;
  pipeline: string;
  description: string;
  engine: string;
  dataDigest: string;
  modelDigest: string;
  kind: 'multi-label' | 'multi-class';
  rows: { train: number; validation: number; calibration: number; test: number };
  /** What a reader must know before trusting a threshold, one sentence each. No gate looks at them. */
  warnings: string[];
  policies: PolicyReport[];
  /** Unweighted mean over the policies. */
  mean: { averagePrecision: Figure; auroc: Figure };
  multiClass: { accuracy: Figure; macroF1: Figure; recall: Record<string, number | null> } | null;
  /** F1 at one half of a single policy; null when there are several. */
  binary: { accuracy: Figure; f1: Figure } | null;
  modalities: ModalityReport[];
  slices: SliceReport[];
  leaks: LeakReport;
  verdict: Verdict;
  errors: ErrorExample[];
}

/**
 * Reads `report.json` of an evaluate stage.
 *
 * @throws FILE_NOT_FOUND when there is none
 * @throws FILE_CORRUPT when it is of another version
 */
export async function readReport(dir: string): Promise<Report> {
  const report = (await readJson(join(dir, 'report.json'))) as Report; // its bytes are checked by the manifest, its version here
  if (report.schemaVersion !== 2)
    throw new AssayError(
      'FILE_CORRUPT',
      `${dir}/report.json is not of schema version 2. Fix: evaluate again with --force.`,
    );
  return report;
}
