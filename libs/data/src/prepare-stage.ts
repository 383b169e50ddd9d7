import { rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { classNames } from '@assay/config';
import {
  AssayError,
  Random,
  runStage,
  sha256OfJson,
  systemCodeOf,
  type StageContext,
  type StageDefinition,
  type StageResult,
} from '@assay/core';
import { IMAGE_DECODER, type Preprocessor } from '@assay/preprocess';
import { checkRecords, type CheckedSource } from './check-records.js';
import { duplicateOptions } from './duplicate-settings.js';
import { unionOf, type Duplicates } from './duplicates/find-duplicates.js';
import type { UnionFind } from './duplicates/union-find.js';
import { encodeSplits, fitOnTrain, type DealtRow } from './encode-splits.js';
import {
  assertNoLeak,
  measureLeaks,
  notCompared,
  type LeakReport,
  type MeasuredLeaks,
} from './leak-report.js';
import type { PrepareStageOptions } from './prepare-options.js';
import { recordColumnsOf, writeRecordsParquet } from './records-parquet.js';
import {
  changeOf,
  rememberSource,
  sourceDigests,
  surveySource,
  type SurveyedSource,
} from './survey-source.js';
import { rejectedPath } from './rejected-rows.js';
import type { DataReportOptions } from './report/data-report-options.js';
import { writeDataReport } from './report/write-data-report.js';
import { assignSplits } from './split.js';
import { groupColumnsOf } from './source-columns.js';
import { SPLITS, type Assignment, type Split, type SplitKey } from './split-key.js';
import { joinEqual, joinMissed, withUnits } from './split-units.js';
import { withProgress } from './with-progress.js';
import { writeDuplicates } from './write-duplicates.js';

/**
 * Reads, checks, splits and encodes the records of a pipeline.
 *
 * @returns the stage directory: `preprocessor.json`, `labels.json`, `shards/`, `records/`, `records.parquet`,
 *   `rejected.jsonl`, `duplicates.jsonl`, `components.jsonl`, `leak.json`, `report.html`
 * @throws DATA_ROOT_MISSING, FILE_NOT_FOUND, FILE_CORRUPT when the source cannot be read, or changes meanwhile
 * @throws COLUMN_MISSING when a column that the config names is not there, or a group column has no value in any record
 * @throws DATA_EMPTY when the source or a split has no records
 * @throws REJECTED_TOO_MANY when more rows were rejected than the config allows
 * @throws LABELS_DEGENERATE when all training labels of a class are equal
 * @throws LEAK when an id, a group, or an equal or near text or image lies in two splits and `allowLeak` is off
 * @throws INTERRUPTED when the signal is aborted
 */
export async function prepareStage(options: PrepareStageOptions): Promise<StageResult> {
  const { loaded, dir, allowLeak = false, force } = options;
  const { data, preprocess, seed } = loaded.config;
  let source: { surveyed: SurveyedSource; digests: Record<string, string> } | undefined;
  const define = async (): Promise<StageDefinition> => {
    assertSplitKeepsUnits(options);
    const surveyed = await surveySource(options);
    const digests = sourceDigests(surveyed);
    source = { surveyed, digests };
    const { root: _root, ...dataConfig } = data;
    const imageDecoder = preprocess.image === undefined ? null : IMAGE_DECODER;
    const definition = {
      name: 'prepare',
      config: { data: dataConfig, preprocess, seed, allowLeak, imageDecoder },
      sources: digests,
      packages: ['@assay/data', '@assay/preprocess'],
    };
    return definition;
  };
  const run = async (context: StageContext): Promise<Record<string, unknown>> => {
    if (source === undefined) throw new AssayError('INTERNAL', 'prepare ran before its source was surveyed');
    const { surveyed, digests } = source;
    const attempt = await prepare(options, surveyed, context).then(
      (summary) => ({ summary }),
      (error: unknown) => ({ error }),
    );
    if ('error' in attempt && systemCodeOf(attempt.error) === 'INTERRUPTED') throw attempt.error;
    const change = await changeOf(options, surveyed, digests);
    if (change !== null || ('error' in attempt && FAILS_AGAIN.has(systemCodeOf(attempt.error) ?? '')))
      await rm(context.workDir, { recursive: true, force: true });
    if (!('error' in attempt)) {
      if (change !== null) throw change;
      return attempt.summary;
    }
    const saysMore = systemCodeOf(attempt.error) === 'FILE_CORRUPT';
    throw change === null || saysMore ? attempt.error : change;
  };
  try {
    const result = await runStage(dir, define, run, { force });
    if (source !== undefined) await rememberSource(dir, source.surveyed).catch(() => undefined); // then the next run reads it again
    await rm(rejectedPath(resolve(dir)), { force: true });
    return result;
  } finally {
    await source?.surveyed.images.close();
  }
}

/** What equal input fails by again: nothing that was done so far is of use to a later run. */
const FAILS_AGAIN = new Set([
  'COLUMN_MISSING',
  'DATA_EMPTY',
  'REJECTED_TOO_MANY',
  'LABELS_DEGENERATE',
  'LEAK',
  'CONFIG_INVALID',
]);

function assertSplitKeepsUnits({ loaded, allowLeak }: PrepareStageOptions): void {
  if (loaded.config.data.split.strategy !== 'random' || allowLeak === true) return;
  throw new AssayError(
    'LEAK',
    "The split strategy 'random' tears groups apart. Fix: use the strategy 'group' (records without a group stand alone) or 'time', or go on with --allow-leak; such a model cannot be promoted.",
  );
}

async function prepare(
  options: PrepareStageOptions,
  surveyed: SurveyedSource,
  context: StageContext,
): Promise<Record<string, unknown>> {
  const { outDir } = context;
  const { loaded, allowLeak } = options;
  const { data, preprocess } = loaded.config;
  const names = classNames(data.labels);
  const checked = await checkRecords(options, surveyed, context);
  await checked.rejections.assertFew(
    surveyed.numRows,
    data.maxRejectedFraction,
    rejectedPath(resolve(options.dir)),
  );
  assertGroupsKnown(checked, groupColumnsOf(data.columns));
  const step = stepsOf(options, checked);
  const { links, skipped, sets } = await step('find duplicates', () => findUnits(options, checked));
  let written = await writeSplits(options, { surveyed, checked, sets }, context);
  for (let more = 0; more < MAX_CORRECTIONS && allowLeak !== true && written.hasCrossing; more++) {
    for (const link of joinMissed(sets, checked.keys, written)) links.push(link); // may be many
    for (const name of ['shards', 'records']) await rm(join(outDir, name), { recursive: true });
    written = await writeSplits(options, { surveyed, checked, sets }, context);
  }
  const { report: leaks, preprocessor, counts } = written;
  const labelsDiffer = await writeDuplicates(outDir, { keys: checked.keys, links, sets });
  await writeJson(join(outDir, 'preprocessor.json'), preprocessor);
  await writeJson(join(outDir, 'labels.json'), {
    schemaVersion: 1,
    kind: data.labels.kind,
    names,
    ordered: data.labels.kind === 'multi-class' && data.labels.ordered,
  });
  await writeJson(join(outDir, 'leak.json'), leaks);
  await writeRecordsParquet(outDir, recordColumnsOf(data));
  if (allowLeak !== true) assertNoLeak(leaks);
  await step('write report', () => writeDataReport(outDir, reportOptions(options, surveyed)));
  return {
    ...summaryOf(surveyed, checked, counts, leaks),
    duplicates: { links: links.length, skipped, labelsDiffer, ...sizesOf(sets) },
    preprocessorDigest: preprocessor.digest,
    hasImages: preprocess.image !== undefined,
  };
}

/** Nothing that the key of the stage does not know, such as the name of the pipeline: an equal key means equal bytes. */
function reportOptions(
  { loaded: { config }, signal }: PrepareStageOptions,
  surveyed: SurveyedSource,
): DataReportOptions {
  const { seed, data } = config;
  return {
    ...{ seed, signal, strategy: data.split.strategy, numRows: surveyed.numRows },
    source: [data.source.path].flat().join(', '),
    digests: sourceDigests(surveyed),
    readImage: (path) => surveyed.images.read(path),
    maxImagePixels: data.maxImagePixels,
  };
}

/** Texts are looked for with other hashes after the split, so the leak report may find a pair that was missed before. */
const MAX_CORRECTIONS = 4;

interface CheckedUnits {
  surveyed: SurveyedSource;
  checked: CheckedSource;
  sets: UnionFind;
}

type Step = <T>(label: string, work: () => Promise<T>) => Promise<T>;

/** Runs steps that are about all good records, and says how long each takes. */
const stepsOf =
  ({ progress: mode }: PrepareStageOptions, { keys }: CheckedSource): Step =>
  (label, work) =>
    withProgress({ label, total: keys.length, mode }, work);

/** Deals the records, encodes them, and looks for what the splits share. */
async function writeSplits(
  options: PrepareStageOptions,
  { surveyed, checked, sets }: CheckedUnits,
  { outDir, workDir }: StageContext,
): Promise<MeasuredLeaks & { preprocessor: Preprocessor; counts: Record<Assignment, number> }> {
  const { data, seed } = options.loaded.config;
  const keys = withUnits(checked.keys, sets);
  const dealt = assignSplits(data.split, keys, new Random(seed, 'data/split'), options.allowLeak);
  const counts = countAssignments(dealt);
  assertNoneEmpty(counts, data.split.strategy, sizesOf(sets).largestComponent);
  const source = {
    ...{ options, surveyed, images: checked.images },
    rows: dealtRows(checked, keys, dealt),
  };
  const step = stepsOf(options, checked);
  const preprocessor = await step('fit preprocessor', () => fitOnTrain(source));
  await encodeSplits(source, preprocessor, {
    outDir,
    workDir: join(workDir, sha256OfJson([preprocessor.digest, keys.map(({ id }, i) => [id, dealt[i]])])),
  });
  const { duplicates, labels, split } = data;
  const leakOptions = {
    ...{ names: classNames(labels), duplicates, signal: options.signal },
    groupColumns: groupColumnsOf(data.columns),
    inOrderOfTime: split.strategy === 'time',
    maxImages: options.loaded.config.preprocess.image?.maxImages ?? 0,
  };
  const measured = await step('look for leaks', () => measureLeaks(outDir, leakOptions));
  return { ...measured, preprocessor, counts };
}

const writeJson = (path: string, value: unknown): Promise<void> =>
  writeFile(path, `${JSON.stringify(value, null, 2)}\n`);

function countAssignments(assignments: readonly Assignment[]): Record<Assignment, number> {
  const counts: Record<Assignment, number> = { train: 0, validation: 0, calibration: 0, test: 0, purged: 0 };
  for (const assignment of assignments) counts[assignment]++;
  return counts;
}

function assertNoneEmpty(counts: Record<Split, number>, strategy: string, largestUnit: number): void {
  const empty = SPLITS.filter((split) => counts[split] === 0);
  if (empty.length === 0) return;
  const sizes = SPLITS.map((split) => `${split} ${counts[split]}`).join(', ');
  throw new AssayError(
    'DATA_EMPTY',
    `No records fall to the split ${empty.join(' and ')} (${sizes}). Validation and calibration share what the strategy '${strategy}' deals to validation, by whole groups, so that takes two groups at least; groups and duplicates hold up to ${largestUnit} records together. Fix: change data.split or data.duplicates, or give more records or groups.`,
    { details: { counts } },
  );
}

/** @throws COLUMN_MISSING when no record has a value of a group column: nothing would be held together by it */
function assertGroupsKnown({ groups }: CheckedSource, columns: readonly string[]): void {
  const empty = columns.filter((_, i) => groups.every((ofRecord) => (ofRecord[i] ?? null) === null));
  if (groups.length === 0 || empty.length === 0) return;
  throw new AssayError(
    'COLUMN_MISSING',
    `No record has a value of the group column ${empty.map((column) => `'${column}'`).join(' and ')}, so it holds nothing together. Fix: name another column in data.columns.group, or leave it out.`,
    { details: { missing: empty } },
  );
}

/** What must stay together: groups and duplicates. */
async function findUnits(
  { loaded, signal }: PrepareStageOptions,
  { contents, groups }: CheckedSource,
): Promise<Duplicates & { sets: UnionFind }> {
  const { duplicates } = loaded.config.data;
  const found = await contents.find(duplicateOptions(duplicates, { numRecords: contents.count, signal }));
  const sets = unionOf(contents.count, found.links);
  for (let column = 0; column < (groups[0]?.length ?? 0); column++)
    joinEqual(
      sets,
      groups.map((ofRecord) => ofRecord[column] ?? null),
    );
  return { ...found, sets };
}

/** Number of sets of two or more records, and the size of the largest. */
function sizesOf(sets: UnionFind): { components: number; largestComponent: number } {
  const sizes = sets.components().map(({ length }) => length);
  return { components: sizes.length, largestComponent: sizes.reduce((a, b) => Math.max(a, b), 1) };
}

function dealtRows(
  { rows, fingerprints }: CheckedSource,
  keys: readonly SplitKey[],
  dealt: readonly Assignment[],
): Map<number, DealtRow> {
  return new Map(
    keys.map(({ id, unit }, i) => [
      rows[i] ?? 0,
      { id, unit, split: dealt[i] ?? 'purged', fingerprints: fingerprints[i] ?? [] },
    ]),
  );
}

function summaryOf(
  { numRows }: SurveyedSource,
  { rejections }: CheckedSource,
  counts: Record<Assignment, number>,
  leaks: LeakReport,
): Record<string, unknown> {
  const { purged, ...splits } = counts;
  const kept = SPLITS.reduce((sum, split) => sum + splits[split], 0);
  if (numRows !== kept + purged + rejections.count) {
    throw new AssayError(
      'INTERNAL',
      `${numRows} rows were read, but ${kept} kept, ${purged} purged and ${rejections.count} rejected.`,
    );
  }
  return {
    rows: numRows,
    kept,
    purged,
    rejected: rejections.count,
    splits,
    classes: leaks.classes,
    leaky: leaks.leaky,
    notCompared: notCompared(leaks),
  };
}
