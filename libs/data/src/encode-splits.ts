import { classNames, type LoadedConfig } from '@assay/config';
import { AssayError, createProgress, throwIfInterrupted } from '@assay/core';
import { fitPreprocessor, type ImageCache, type ModelInputs, type Preprocessor } from '@assay/preprocess';
import type { ImageFingerprint } from './duplicates/find-duplicates.js';
import { inChunks } from './in-chunks.js';
import type { PrepareStageOptions } from './prepare-options.js';
import { recordFingerprint, type PreparedRecord } from './prepared-record.js';
import { readRecords, type RowOrigin } from './read-records.js';
import type { SourceRecord } from './source-record.js';
import { SPLITS, type Assignment, type Split } from './split-key.js';
import { SplitWriter } from './split-writer.js';
import { sourceChanged, type SurveyedSource } from './survey-source.js';

/** A good row of the source. */
export interface DealtRow {
  id: string;
  split: Assignment;
  /** Smallest id of its unit. */
  unit: string;
  /** Fingerprints of its images. */
  fingerprints: readonly ImageFingerprint[];
}

/** A checked source whose records have been dealt to splits. */
export interface DealtSource {
  options: PrepareStageOptions;
  surveyed: SurveyedSource;
  images: ImageCache;
  /** Good rows by their position in the source. */
  rows: ReadonlyMap<number, DealtRow>;
}

interface DealtRecord {
  record: SourceRecord;
  origin: RowOrigin;
  fingerprints: readonly ImageFingerprint[];
  unit: string;
  split: Split;
}

/**
 * The records that lie in a split, in the order of the source.
 *
 * @throws FILE_CORRUPT when a row is no longer the one that was checked
 * @throws INTERRUPTED when the signal is aborted
 */
async function* dealtRecords({ options, surveyed, rows }: DealtSource): AsyncGenerator<DealtRecord> {
  const { config, dataRoot } = options.loaded;
  let position = 0;
  for await (const row of readRecords(config.data, dataRoot, surveyed.found)) {
    throwIfInterrupted(options.signal);
    const dealt = rows.get(position++);
    if (dealt === undefined) continue;
    const { id, split, unit, fingerprints } = dealt;
    if (row.kind === 'rejected' || row.record.id !== id)
      throw sourceChanged(`row ${position} is no longer the record '${id}'`);
    if (split !== 'purged') yield { record: row.record, origin: row.origin, split, unit, fingerprints };
  }
}

/**
 * Fits the preprocessor on the training split.
 *
 * @throws LABELS_DEGENERATE when all training labels of a class are equal
 * @throws INTERRUPTED when the signal is aborted
 */
export async function fitOnTrain(source: DealtSource): Promise<Preprocessor> {
  const { config, dataRoot } = source.options.loaded;
  const ranges = classNames(config.data.labels).map((name) => ({ name, min: Infinity, max: -Infinity }));
  async function* trainRecords(): AsyncGenerator<SourceRecord> {
    for await (const { record, split } of dealtRecords(source)) {
      if (split !== 'train') continue;
      for (const [k, range] of ranges.entries()) {
        const label = record.labels[k] ?? null;
        if (label !== null) [range.min, range.max] = [Math.min(range.min, label), Math.max(range.max, label)];
      }
      yield record;
    }
  }
  const preprocessor = await fitPreprocessor(config, trainRecords(), {
    imageCache: source.images,
    dataRoot,
  });
  const constant = ranges.filter(({ min, max }) => !(min < max));
  if (constant.length > 0) throw degenerate(constant);
  return preprocessor;
}

function degenerate(constant: readonly { name: string; min: number; max: number }[]): AssayError {
  const facts = constant.map(
    ({ name, min }) => `  - ${name}: ${min === Infinity ? 'no known label' : `every known label is ${min}`}`,
  );
  return new AssayError(
    'LABELS_DEGENERATE',
    `The training split has nothing to tell these classes by:\n${facts.join('\n')}\nFix: check data.labels (column, positive, negative), drop the class, or give more records.`,
    { details: { classes: constant.map(({ name }) => name) } },
  );
}

/**
 * Encodes every split and writes its shards and records to `outDir`.
 *
 * @param workDir where shards lie until all are done; those that an earlier run finished are taken over
 * @throws INTERRUPTED when the signal is aborted
 */
export async function encodeSplits(
  source: DealtSource,
  preprocessor: Preprocessor,
  { outDir, workDir }: { outDir: string; workDir: string },
): Promise<void> {
  const { loaded, signal, progress: mode } = source.options;
  const { shardRows } = loaded.config.data;
  const specs = preprocessor.inputSpecs;
  const writers = new Map(
    SPLITS.map((split) => [split, new SplitWriter({ dir: outDir, workDir, split, specs, shardRows })]),
  );
  const total = [...source.rows.values()].filter(({ split }) => split !== 'purged').length;
  using progress = createProgress({ label: 'encode records', unit: 'rows', total, mode });
  let done = 0;
  async function* unwritten(): AsyncGenerator<DealtRecord> {
    for await (const dealt of dealtRecords(source)) {
      if (writers.get(dealt.split)?.next() === true) progress.update(++done);
      else yield dealt;
    }
  }
  for await (const chunk of inChunks(unwritten(), signal)) {
    const encoded = await Promise.all(chunk.map(({ record }) => encodeRecord(source, record, preprocessor)));
    for (const [i, dealt] of chunk.entries()) {
      const prepared = toPreparedRecord(dealt, source.surveyed, imageLimitOf(loaded));
      await writers.get(dealt.split)?.write(encoded[i] ?? {}, prepared);
    }
    done += chunk.length;
    progress.update(done);
  }
  for (const writer of writers.values()) await writer.close();
  progress.finish();
}

const imageLimitOf = ({ config }: LoadedConfig): number => config.preprocess.image?.maxImages ?? 0;

function encodeRecord(
  { options, surveyed }: DealtSource,
  record: SourceRecord,
  preprocessor: Preprocessor,
): Promise<ModelInputs> {
  const paths = record.images.slice(0, imageLimitOf(options.loaded));
  return preprocessor.encode({ ...record, images: paths.map((path) => () => surveyed.images.read(path)) });
}

function toPreparedRecord(
  { record, origin, unit, fingerprints }: DealtRecord,
  { images }: SurveyedSource,
  maxImages: number,
): PreparedRecord {
  const { id, text, numeric, categorical, messages, moreGroups } = record;
  const { labels, classIndex, weight, group, timeMs, slices } = record;
  const imageDigests = record.images.slice(0, maxImages).map((path) => images.sha256(path) ?? '');
  return {
    id,
    source: origin.source,
    line: origin.line,
    text,
    ...(Object.keys(numeric).length > 0 && { numeric }),
    ...(Object.keys(categorical).length > 0 && { categorical }),
    unit,
    ...(moreGroups && { moreGroups }),
    ...(messages && { messages }),
    images: record.images,
    imageDigests,
    fingerprints: fingerprints.map(recordFingerprint),
    labels,
    classIndex,
    weight,
    group,
    timeMs,
    slices,
  };
}
