import { join } from 'node:path';
import type { DataConfig } from '@assay/config';
import { createProgress, sha256OfBytes, type StageContext } from '@assay/core';
import { decodeImage, decodePixels, ImageCache, imageInputOf, resizeForModel } from '@assay/preprocess';
import { DuplicateFinder, type ImageFingerprint } from './duplicates/find-duplicates.js';
import { FingerprintJournal } from './fingerprint-journal.js';
import { inChunks } from './in-chunks.js';
import type { PrepareStageOptions } from './prepare-options.js';
import { readRecords, rejectionOf, type ReadRow } from './read-records.js';
import { RejectedRows } from './rejected-rows.js';
import { groupsOf } from './prepared-record.js';
import { imageColumnsOf } from './source-columns.js';
import type { SplitKey } from './split-key.js';
import { fingerprintOf } from './image-files.js';
import type { SurveyedSource } from './survey-source.js';
import { cellError } from './parse-cell.js';
import { comparableText, splitSha1 } from './text-key.js';

/** Memory for decoded images between checking and encoding: 20,000 images of 64 × 64 pixels. */
const IMAGE_CACHE_BYTES = 256 * 2 ** 20;

interface CheckedRow {
  row: ReadRow;
  fingerprints: ImageFingerprint[];
}

export interface CheckedSource {
  /** Row of the source of every good record, from 0. */
  rows: number[];
  /** What the split may look at, for every good record. */
  keys: Omit<SplitKey, 'unit'>[];
  rejections: RejectedRows;
  /** Groups of every good record, one for each group column. */
  groups: (string | null)[][];
  /** Content of every good record, to be compared with others. */
  contents: DuplicateFinder;
  /** Fingerprints of the images of every good record. */
  fingerprints: ImageFingerprint[][];
  /** Decoded images, for encoding. */
  images: ImageCache;
}

/**
 * Reads every record and decodes its images, to find those that must be rejected before the split.
 *
 * @param workDir where fingerprints of images are noted, for a later run if this one is killed
 * @param outDir where `rejected.jsonl` is written
 */
export async function checkRecords(
  { loaded, signal, progress: mode }: PrepareStageOptions,
  { found, images, numRows }: SurveyedSource,
  { workDir, outDir }: Pick<StageContext, 'workDir' | 'outDir'>,
): Promise<CheckedSource> {
  const { data, preprocess } = loaded.config;
  const { maxImages = 0 } = preprocess.image ?? {};
  const input = imageInputOf(preprocess.image, data.maxImagePixels);
  const journal = await FingerprintJournal.open(join(workDir, 'fingerprints.jsonl'));
  /** Takes no slot: whoever asks the cache, here and in the preprocessor, holds one, and a second could wait for itself. */
  const decode = async (bytes: Uint8Array): Promise<Uint8Array> => {
    const { maxImagePixels } = input;
    const image = await decodePixels(bytes, { maxImagePixels });
    journal.add(sha256OfBytes(bytes), fingerprintOf(image));
    return input.shrinkOnLoad ? decodeImage(bytes, input) : resizeForModel(image, input);
  };
  const cache = new ImageCache(Math.floor(IMAGE_CACHE_BYTES / (input.height * input.width * 3)), decode);
  const checked: CheckedSource = {
    ...{ rows: [], keys: [], groups: [], fingerprints: [], images: cache },
    rejections: await RejectedRows.create(join(outDir, 'rejected.jsonl')),
    contents: new DuplicateFinder(),
  };
  using progress = createProgress({ label: 'check records', unit: 'rows', total: numRows, mode });
  const [column = 'images'] = imageColumnsOf(data.columns);
  let numImages = 0;
  const check = async (row: ReadRow): Promise<CheckedRow> => {
    if (row.kind === 'rejected') return { row, fingerprints: [] };
    const paths = row.record.images.slice(0, maxImages);
    numImages += paths.length;
    try {
      return { row, fingerprints: await images.check(paths, column, { cache, journal }) };
    } catch (error) {
      return { row: rejected(row, error), fingerprints: [] };
    }
  };
  const ids = new Set<string>();
  let done = 0;
  for await (const chunk of inChunks(readRecords(data, loaded.dataRoot, found), signal)) {
    for (const { row, fingerprints } of await Promise.all(chunk.map(check)))
      addTo(checked, uniqueRow(row, ids, data), fingerprints, done++);
    await journal.flush();
    await checked.rejections.flush();
    progress.update(done, `${numImages} images`);
  }
  progress.finish(`${numImages} images, ${checked.rejections.count} rejected`);
  return checked;
}

function rejected({ origin }: ReadRow & { kind: 'record' }, error: unknown): ReadRow {
  return { kind: 'rejected', rejection: rejectionOf(error, origin) };
}

/** Rejects a row whose id a good row before it has. */
function uniqueRow(row: ReadRow, ids: Set<string>, data: DataConfig): ReadRow {
  if (row.kind === 'rejected') return row;
  const { id } = row.record;
  if (ids.has(id)) {
    const error = cellError(data.columns.id, `The id '${id}' was there before; ids must be unique.`);
    return rejected(row, error);
  }
  ids.add(id);
  return row;
}

function addTo(
  checked: CheckedSource,
  row: ReadRow,
  fingerprints: ImageFingerprint[],
  position: number,
): void {
  if (row.kind === 'rejected') {
    checked.rejections.add(row.rejection);
    return;
  }
  const { record, splitValue } = row;
  const { id, timeMs, labels, text } = record;
  checked.rows.push(position);
  checked.groups.push(groupsOf(record));
  checked.contents.add(comparableText(text), fingerprints);
  checked.fingerprints.push(fingerprints);
  checked.keys.push({
    id,
    timeMs,
    textSha1: splitSha1(record),
    labels,
    ...(splitValue === undefined ? {} : { splitValue }),
  });
}
