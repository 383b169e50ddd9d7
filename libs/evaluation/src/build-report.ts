import type { PipelineConfig } from '@assay/config';
import { Random } from '@assay/core';
import type { LeakReport, PreparedData, PreparedRecord } from '@assay/data';
import type { OperatingPoints } from '@assay/policy';
import { applyGates } from './gates.js';
import { bandsOf, measurePolicy, type Measured, type MeasureOptions } from './measure-policy.js';
import { confusionAt, precisionRecallF1 } from './metrics/at-threshold.js';
import { clusterBootstrap, clusteredProportion } from './metrics/intervals.js';
import { meanOf } from './metrics/mean-of.js';
import { multiClassFigures } from './metrics/multi-class.js';
import { hardLabels } from './metrics/positive.js';
import { averagePrecision } from './metrics/ranking.js';
import { probabilities } from './operating-points.js';
import type { ErrorExample, Figure, ModalityReport, PolicyReport, Report, SliceReport } from './report.js';
import { column, type ScoredSplit } from './score-split.js';
import { warningsOf } from './warnings.js';

const REPLICATES = 500;
const MIN_SLICE_RECORDS = 30;
const MAX_ERRORS_PER_POLICY = 4;
const MAX_TEXT_LENGTH = 400;

/** What a report needs of the prepared data. */
type TestData = Pick<PreparedData, 'digest' | 'labels' | 'leaky' | 'numRows' | 'records'>;

export interface ReportInput {
  config: PipelineConfig;
  data: TestData;
  modelDigest: string;
  engine: string;
  points: OperatingPoints;
  calibration: ScoredSplit;
  test: ScoredSplit;
  /** The test split scored with some modalities hidden, by what was shown. */
  partial: readonly { shown: string; scored: ScoredSplit }[];
  leaks: LeakReport;
  signal?: AbortSignal | undefined;
}

/**
 * Puts all figures of an evaluation together. Nothing in it depends on the time of day.
 *
 * @throws INTERRUPTED when the signal is aborted
 */
export async function buildReport({
  config,
  data,
  modelDigest,
  engine,
  points,
  calibration,
  test,
  partial,
  leaks,
  signal,
}: ReportInput): Promise<Report> {
  const { kind, names } = data.labels;
  const random = new Random(config.seed, 'evaluate');
  const records = data.records('test');
  const temperatures = points.policies.map(({ temperature }) => temperature);
  const measuredOf = (scored: ScoredSplit, split: 'calibration' | 'test'): Measured => ({
    ...scored,
    probability_NK: probabilities(scored, kind, temperatures),
    clusters: clustersOf(data.records(split)),
  });
  const measured = measuredOf(test, 'test');
  const draws = { random, signal };
  const options = {
    points,
    calibration: measuredOf(calibration, 'calibration'),
    ...draws,
    replicates: REPLICATES,
  };
  const bands = bandsOf(test, points);
  const policies: PolicyReport[] = [];
  for (const k of names.keys()) policies.push(await measurePolicy(measured, k, bands, options));
  const mean = {
    averagePrecision: meanFigure(policies.map((p) => p.averagePrecision)),
    auroc: meanFigure(policies.map((p) => p.auroc)),
  };
  return {
    schemaVersion: 2,
    pipeline: config.name,
    description: config.description,
    engine,
    dataDigest: data.digest,
    modelDigest,
    kind,
    rows: rowsOf(data),
    warnings: warningsOf(points, policies, config.evaluate.operatingPoint.reviewRecall),
    policies,
    mean,
    multiClass: kind === 'multi-class' ? await measureClasses(measured, records, names, draws) : null,
    binary: kind === 'multi-label' && names.length === 1 ? await measureBinary(measured, draws) : null,
    modalities: [{ shown: 'everything', scored: test }, ...partial].map(({ shown, scored }) =>
      modalityReport(shown, scored, probabilities(scored, kind, temperatures), names),
    ),
    slices: measureSlices(measured, data, names),
    leaks,
    verdict: applyGates(config.evaluate.gates, policies, mean, data.leaky),
    errors: worstErrors(measured, data, names),
  };
}

/** Keys of the groups of records; a record without one is a group of its own. */
export const clustersOf = (records: readonly Pick<PreparedRecord, 'id' | 'group'>[]): string[] =>
  records.map(({ group, id }) => (group === null ? `id ${id}` : `group ${group}`));

const rowsOf = (data: TestData): Report['rows'] => ({
  train: data.numRows('train'),
  validation: data.numRows('validation'),
  calibration: data.numRows('calibration'),
  test: data.numRows('test'),
});

/** Mean of the values; null when one is undefined. Its interval is that of no single sample, so there is none. */
function meanFigure(figures: readonly Figure[]): Figure {
  const values = figures.map(({ value }) => value);
  return { value: meanOf(values), interval: null };
}

const labelsOf = ({ label_NK, numClasses }: ScoredSplit, k: number): Float64Array =>
  hardLabels(column(label_NK, k, numClasses));

type DrawOptions = Pick<MeasureOptions, 'random' | 'signal'>;

async function measureBinary(measured: Measured, { random, signal }: DrawOptions): Promise<Report['binary']> {
  const scores = column(measured.probability_NK, 0, 1);
  const labels = labelsOf(measured, 0);
  const known = column(measured.known_NK, 0, 1);
  const f1At = (weights: Float64Array): number | null =>
    precisionRecallF1(confusionAt(0.5, scores, labels, weights)).f1;
  const interval = await clusterBootstrap(f1At, {
    clusters: measured.clusters,
    counted_N: known,
    random: random.fork('f1'),
    replicates: REPLICATES,
    signal,
  });
  const right_N = scores.map((score, n) => (score >= 0.5 === (labels[n] === 1) ? 1 : 0));
  return {
    accuracy: clusteredProportion({ success_N: right_N, counted_N: known, clusters: measured.clusters }),
    f1: { value: f1At(known), interval },
  };
}

async function measureClasses(
  { probability_NK, numClasses, clusters }: Measured,
  records: readonly PreparedRecord[],
  names: readonly string[],
  { random, signal }: DrawOptions,
): Promise<Report['multiClass']> {
  const classes = records.map(({ classIndex }) => classIndex);
  const rows = classes.flatMap((k, n) => (k === null ? [] : [n]));
  const figuresOf = (chosen: readonly number[]) =>
    multiClassFigures(
      chosen.flatMap((n) => Array.from(probability_NK.subarray(n * numClasses, (n + 1) * numClasses))),
      chosen.map((n) => classes[n] ?? 0),
      numClasses,
    );
  const figures = figuresOf(rows);
  if (figures === null) return null;
  const interval = await clusterBootstrap(
    (drawn) => figuresOf(rows.flatMap((n, i) => new Array<number>(drawn[i] ?? 0).fill(n)))?.macroF1 ?? null,
    {
      clusters: rows.map((n) => clusters[n] ?? ''),
      random: random.fork('macroF1'),
      replicates: Math.min(REPLICATES, 200),
      signal,
    },
  );
  return {
    accuracy: clusteredProportion({
      success_N: classes.map((k, n) => (k === topClass(probability_NK, n, numClasses) ? 1 : 0)),
      counted_N: classes.map((k) => (k === null ? 0 : 1)),
      clusters,
    }),
    macroF1: { value: figures.macroF1, interval },
    recall: Object.fromEntries(names.map((name, k) => [name, figures.recall_K[k] ?? null])),
  };
}

/** The likeliest class of record n, the first of equals. */
function topClass(probability_NK: Float64Array, n: number, numClasses: number): number {
  const row = probability_NK.subarray(n * numClasses, (n + 1) * numClasses);
  return row.indexOf(Math.max(...row));
}

function modalityReport(
  shown: string,
  scored: ScoredSplit,
  probability_NK: Float64Array,
  names: readonly string[],
): ModalityReport {
  const values = names.map((_, k) =>
    averagePrecision(
      column(probability_NK, k, names.length),
      labelsOf(scored, k),
      column(scored.known_NK, k, names.length),
    ),
  );
  return {
    shown,
    averagePrecision: Object.fromEntries(names.map((name, k) => [name, values[k] ?? null])),
    mean: meanOf(values),
  };
}

/** Average precision within each value of each slice column that has enough records. */
function measureSlices(measured: Measured, data: TestData, names: readonly string[]): SliceReport[] {
  const rowsBySlice = new Map<string, { column: string; value: string; rows: number[] }>();
  for (const [n, { slices }] of data.records('test').entries()) {
    for (const [name, value] of Object.entries(slices)) {
      const key = JSON.stringify([name, value]);
      const slice = rowsBySlice.get(key) ?? { column: name, value, rows: [] };
      slice.rows.push(n);
      rowsBySlice.set(key, slice);
    }
  }
  const big = [...rowsBySlice.values()].filter(({ rows }) => rows.length >= MIN_SLICE_RECORDS);
  return big.flatMap(({ column: name, value, rows }) =>
    names.map((policy, k) => ({ column: name, value, policy, ...sliceFigures(measured, rows, k) })),
  );
}

function sliceFigures(
  measured: Measured,
  rows: readonly number[],
  k: number,
): Pick<SliceReport, 'known' | 'positives' | 'averagePrecision'> {
  const take = (values: Float64Array): number[] => rows.map((n) => values[n] ?? 0);
  const labels = take(labelsOf(measured, k));
  const known = take(column(measured.known_NK, k, measured.numClasses));
  return {
    known: known.reduce((a, b) => a + b, 0),
    positives: labels.reduce((total, y, i) => total + y * (known[i] ?? 0), 0),
    averagePrecision: averagePrecision(
      take(column(measured.probability_NK, k, measured.numClasses)),
      labels,
      known,
    ),
  };
}

/** The records whose score is furthest from their label. */
function worstErrors(measured: Measured, data: TestData, names: readonly string[]): ErrorExample[] {
  const records = data.records('test');
  return names.flatMap((policy, k) => {
    const scores = column(measured.probability_NK, k, names.length);
    const labels = labelsOf(measured, k);
    const known = column(measured.known_NK, k, names.length);
    const distance = (n: number): number => Math.abs((scores[n] ?? 0) - (labels[n] ?? 0));
    const rows = records.map((_, n) => n).filter((n) => (known[n] ?? 0) > 0 && distance(n) > 0.5);
    rows.sort((a, b) => distance(b) - distance(a) || a - b);
    return rows.slice(0, MAX_ERRORS_PER_POLICY).map((n) => ({
      policy,
      id: records[n]?.id ?? '',
      score: scores[n] ?? 0,
      label: labels[n] ?? 0,
      text: Object.values(records[n]?.text ?? {})
        .join(' · ')
        .slice(0, MAX_TEXT_LENGTH),
    }));
  });
}
