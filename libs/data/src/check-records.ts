import type { DataConfig } from '@assay/config';
import { createProgress } from '@assay/core';
import { decodeImage, ImageCache } from '@assay/preprocess';
import { inChunks } from './in-chunks.js';
import type { PrepareStageOptions } from './prepare-options.js';
import { readCsvRecords, rejectionOf, type Rejection, type SourceRow } from './read-csv-records.js';
import type { SourceRecord } from './source-record.js';
import type { SplitKey } from './split-key.js';
import type { SurveyedSource } from './survey-source.js';
import { cellError } from './parse-cell.js';
import { splitSha1 } from './text-key.js';

/** Memory for decoded images between checking and encoding: 20,000 images of 64 × 64 pixels. */
const IMAGE_CACHE_BYTES = 256 * 2 ** 20;

export interface CheckedSource {
  /** Row of the source of every good record, from 0. */
  rows: number[];
  /** What the split may look at, for every good record. */
  keys: SplitKey[];
  rejections: Rejection[];
  /** Decoded images, for encoding. */
  images: ImageCache;
}

/** Reads every record and decodes its images, to find those that must be rejected before the split. */
export async function checkRecords(
  { loaded, signal, progress: mode }: PrepareStageOptions,
  { images, numRows }: SurveyedSource,
): Promise<CheckedSource> {
  const { data, preprocess } = loaded.config;
  const { height = 1, width = 1, maxImages = 0 } = preprocess.image ?? {};
  const size = { height, width, maxImagePixels: data.maxImagePixels };
  const cache = new ImageCache(Math.floor(IMAGE_CACHE_BYTES / (height * width * 3)), (bytes) =>
    decodeImage(bytes, size),
  );
  const checked: CheckedSource = { rows: [], keys: [], rejections: [], images: cache };
  using progress = createProgress({ label: 'check records', unit: 'rows', total: numRows, mode });
  const column = data.columns.images?.column ?? '';
  let numImages = 0;
  const check = async (row: SourceRow): Promise<SourceRow> => {
    if (row.kind === 'rejected') return row;
    const paths = row.record.images.slice(0, maxImages);
    numImages += paths.length;
    try {
      await images.check(paths, column, cache);
      return row;
    } catch (error) {
      return rejected(row, error, data);
    }
  };
  const ids = new Set<string>();
  let done = 0;
  for await (const chunk of inChunks(readCsvRecords(data, loaded.dataRoot), signal)) {
    for (const row of await Promise.all(chunk.map(check)))
      addTo(checked, uniqueRow(row, ids, data), done++, data.split);
    progress.update(done, `${numImages} images`);
  }
  progress.finish(`${numImages} images, ${checked.rejections.length} rejected`);
  return checked;
}

function rejected(row: SourceRow & { kind: 'record' }, error: unknown, { source }: DataConfig): SourceRow {
  return { kind: 'rejected', ...rejectionOf(error, { source: source.path, line: row.line, raw: row.raw }) };
}

/** Rejects a row whose id a good row before it has. */
function uniqueRow(row: SourceRow, ids: Set<string>, data: DataConfig): SourceRow {
  if (row.kind === 'rejected') return row;
  const { id } = row.record;
  if (ids.has(id)) {
    const error = cellError(data.columns.id, `The id '${id}' was there before; ids must be unique.`);
    return rejected(row, error, data);
  }
  ids.add(id);
  return row;
}

function addTo(
  checked: CheckedSource,
  row: SourceRow,
  position: number,
  { strategy }: DataConfig['split'],
): void {
  if (row.kind === 'rejected') {
    const { kind: _kind, ...rejection } = row;
    checked.rejections.push(rejection);
    return;
  }
  const { record, splitValue } = row;
  const { id, timeMs, labels } = record;
  const textSha1 = splitSha1(record);
  checked.rows.push(position);
  checked.keys.push({
    id,
    unit: unitOf(record, textSha1, strategy),
    timeMs,
    textSha1,
    labels,
    ...(splitValue === undefined ? {} : { splitValue }),
  });
}

/** A group stays together, and under the strategy `hash` equal texts do. */
function unitOf(
  { id, group }: SourceRecord,
  textSha1: string,
  strategy: DataConfig['split']['strategy'],
): string {
  if (group !== null) return `group ${group}`;
  return strategy === 'hash' ? `text ${textSha1}` : `record ${id}`;
}
