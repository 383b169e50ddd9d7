import { AssayError } from '@assay/core';
import { csvBlocks, csvHeader, dialectOf } from './csv-source.js';
import { findFiles } from './find-files.js';
import { jsonLinesBlocks } from './json-lines-source.js';
import { parquetBlocks, parquetHeader } from './parquet-source.js';
import type { Source, SourceBlock, SourceFormat, SourceSpec } from './source.js';
import { assertSameHeader, positionsOf, SeenColumns } from './wanted-columns.js';
import { isJsonPath, webDatasetBlocks, webDatasetHeader } from './web-dataset-source.js';

/** How the files of one format are read. */
interface Opened {
  header: readonly string[];
  blocksOf(file: string): AsyncGenerator<SourceBlock, void, undefined>;
  /** Called when all files are read. */
  finish?(): void;
}

const FORMATS: readonly [RegExp, SourceFormat][] = [
  [/\.(csv|tsv)$/i, 'csv'],
  [/\.(jsonl|ndjson)$/i, 'jsonl'],
  [/\.(parquet|pq)$/i, 'parquet'],
  [/\.tar$/i, 'webdataset'],
];

/**
 * Opens a source of rows: its files are found and their headers read and compared; rows are read by `blocks()`.
 *
 * @param found the files that the path names, in their order, where they were looked for before
 * @throws DATA_ROOT_MISSING when the data root is no folder
 * @throws FILE_NOT_FOUND when a file does not exist, or a pattern matches none
 * @throws FILE_CORRUPT when a file is damaged, or has another header than the first
 * @throws COLUMN_MISSING when a wanted column is not there
 * @throws DATA_EMPTY when a CSV file is empty
 * @throws USAGE when the format is not clear, or the spec does not fit it
 */
export async function openSource(
  spec: SourceSpec,
  dataRoot: string,
  found?: readonly string[],
): Promise<Source> {
  const files = found ?? (await findFiles(spec.path, dataRoot));
  const format = spec.format ?? formatOf(files);
  const open = (): Promise<Opened> => OPENERS[format](files, spec, dataRoot);
  const { header } = await open();
  return { header, files, blocks: () => allBlocks(files, open) };
}

async function* allBlocks(
  files: readonly string[],
  open: () => Promise<Opened>,
): AsyncGenerator<SourceBlock, void, undefined> {
  const opened = await open();
  let numRows = 0;
  for (const file of files) {
    for await (const block of opened.blocksOf(file)) {
      numRows += block.rows.length + block.rejected.length;
      if (block.rows.length + block.rejected.length > 0) yield block;
    }
  }
  if (numRows === 0)
    throw new AssayError(
      'DATA_EMPTY',
      `${files.join(', ')}: no rows; expected at least one record. Fix: check data.source.path.`,
    );
  opened.finish?.();
}

function formatOf(files: readonly string[]): SourceFormat {
  const formats = files.map((file) => {
    const name = file.replace(/\.(gz|zst)$/i, '');
    return FORMATS.find(([pattern]) => pattern.test(name))?.[1];
  });
  const [format] = formats;
  const other = formats.findIndex((each) => each === undefined || each !== format);
  if (format !== undefined && other < 0) return format;
  throw new AssayError(
    'USAGE',
    `The name ${files[Math.max(other, 0)] ?? ''} does not say that the source is ${format ?? 'csv, tsv, jsonl, ndjson, parquet or tar'}. Fix: name data.source.format, and keep one format to a source.`,
  );
}

const OPENERS: Record<
  SourceFormat,
  (files: readonly string[], spec: SourceSpec, dataRoot: string) => Promise<Opened>
> = {
  csv: async (files, spec, dataRoot) => {
    files.forEach((file) => dialectOf(spec, file));
    const header = await sharedHeader(files, (file) => csvHeader(file, spec, dataRoot));
    positionsOf(header, spec.columns, files[0] ?? '');
    return {
      header: spec.columns ?? header,
      blocksOf: (file) => csvBlocks(file, header, spec, dataRoot),
    };
  },
  jsonl: (files, spec, dataRoot) => Promise.resolve(jsonLinesBlocks(files, spec, dataRoot)),
  parquet: async (files, { columns, maxRowBytes }, dataRoot) => {
    const header = await sharedHeader(files, (file) => parquetHeader(file, columns, dataRoot));
    return {
      header: columns ?? header,
      blocksOf: (file) => parquetBlocks(file, { header, columns, maxRowBytes }, dataRoot),
    };
  },
  webdataset: async (files, spec, dataRoot) => {
    const header = await webDatasetHeader(files, spec.columns, dataRoot);
    const seen = new SeenColumns(header);
    header.forEach((column, index) => {
      if (!isJsonPath(column)) seen.add(index); // the header says that it is there
    });
    return {
      header,
      blocksOf: (file) => webDatasetBlocks(file, header, { ...spec, seen }, dataRoot),
      finish: () => seen.assertAll(files),
    };
  },
};

/** @throws FILE_CORRUPT when the files have different headers */
async function sharedHeader(
  files: readonly string[],
  headerOf: (file: string) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const [source = '', ...others] = files;
  const header = await headerOf(source);
  for (const other of others)
    assertSameHeader({ source, header }, { source: other, header: await headerOf(other) });
  return header;
}
