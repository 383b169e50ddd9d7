import type { DataConfig } from '@assay/config';
import { AssayError } from '@assay/core';
import { imagesById } from './images-by-id.js';
import { columnsOf, imageColumnsOf, messageColumnsOf } from './source-columns.js';
import { rowParser, type ParsedRow } from './source-record.js';
import { findFiles } from './sources/find-files.js';
import { groupMessages } from './sources/group-messages.js';
import { openSource } from './sources/open-source.js';
import { columnsMissing } from './sources/wanted-columns.js';
import type { CellValue, RejectedRow, Source, SourceBlock, SourceSpec } from './sources/source.js';

/** A row that is left out, and why. */
export type Rejection = RejectedRow;

/** Where a row lies, and what it says there. */
export interface RowOrigin {
  /** Path of the file, relative to the data root, with forward slashes. */
  source: string;
  /** Line on which the row starts, from 1; of Parquet and tar the number of the row or sample. */
  line: number;
  /** The text of the row, as a rejected row has it. */
  raw: () => string;
}

/** A row as a record, or the reason why it is none. */
export type ReadRow =
  ({ kind: 'record'; origin: RowOrigin } & ParsedRow) | { kind: 'rejected'; rejection: Rejection };

/** Images by the id of their record, when their names say that. */
type ImagesById = ReadonlyMap<string, string[]> | null;

interface RowContext {
  images: ImagesById;
  parse: (cells: readonly CellValue[]) => ParsedRow;
}

/** The column that `groupMessages` makes. */
const GROUPED_COLUMN = 'messages of the conversation';

/** The files that the config names, found once, so that every pass reads the same ones. */
export interface FoundFiles {
  /** Files of rows in the order in which they are read, relative to the data root. */
  rows: readonly string[];
  images: ImagesById;
}

/**
 * Looks for the files that the config names.
 *
 * @throws DATA_ROOT_MISSING when the data root is no folder
 * @throws FILE_NOT_FOUND when a file does not exist, or a pattern matches none
 */
export async function findSourceFiles(
  { source, columns: { images } }: DataConfig,
  dataRoot: string,
): Promise<FoundFiles> {
  const rows = await findFiles(source.path, dataRoot);
  const byId =
    images?.pattern === undefined ? null : await imagesById(images.pattern, images.directory, dataRoot);
  return { rows, images: byId };
}

/**
 * Streams the records of a source, in the order of its files and rows. A row that does not follow the config comes as
 * `rejected`; images are not opened, and ids are not compared.
 *
 * @param found the files, where they were looked for before
 * @throws DATA_ROOT_MISSING when the data root is no folder
 * @throws FILE_NOT_FOUND, FILE_CORRUPT when the source cannot be read
 * @throws COLUMN_MISSING when a column that the config names is not there
 * @throws DATA_EMPTY when the source has no rows
 * @throws USAGE when the format of the source is not clear
 */
export async function* readRecords(
  data: DataConfig,
  dataRoot: string,
  found?: FoundFiles,
): AsyncGenerator<ReadRow> {
  const { rows, images } = found ?? (await findSourceFiles(data, dataRoot));
  const source = await openRecords(data, dataRoot, rows);
  const context = { images, parse: rowParser(data, source.header, messagesColumn(data)) };
  try {
    for await (const block of source.blocks()) yield* rowsOf(block, context);
  } catch (error) {
    throw withKeys(error, data);
  }
}

/**
 * Looks at the headers of the files, so that a name that is wrong is found before anything else is read.
 *
 * @throws COLUMN_MISSING, FILE_CORRUPT, USAGE as `readRecords`
 */
export async function assertColumns(data: DataConfig, dataRoot: string, { rows }: FoundFiles): Promise<void> {
  await openRecords(data, dataRoot, rows);
}

async function openRecords(data: DataConfig, dataRoot: string, files: readonly string[]): Promise<Source> {
  const columns = [...new Set([...columnsOf(data), ...messageColumnsOf(data)].map(({ column }) => column))];
  assertMessagesApart(data);
  try {
    const source = await openSource({ ...specOf(data), columns }, dataRoot, files);
    const { messages } = data.columns;
    return messages?.layout === 'rows'
      ? groupMessages(source, {
          ...messages,
          into: GROUPED_COLUMN,
          maxChars: data.source.maxRowBytes,
        })
      : source;
  } catch (error) {
    throw withKeys(error, data);
  }
}

/** Of a conversation there is one row, in which a column of its messages has no value. */
function assertMessagesApart(data: DataConfig): void {
  const [, ...ofMessages] = messageColumnsOf(data);
  const other = columnsOf(data).find(({ column }) => ofMessages.some((each) => each.column === column));
  if (other === undefined) return;
  throw new AssayError(
    'USAGE',
    `'${other.column}' differs from message to message, so it cannot be ${other.key} as well. Fix: name a column that is the same for a whole conversation.`,
  );
}

function specOf({
  source: { path, format, delimiter, quote, maxRowBytes },
  columns,
}: DataConfig): SourceSpec {
  return {
    ...{ path, maxRowBytes, imageColumns: imageColumnsOf(columns) },
    ...(format === undefined ? {} : { format }),
    ...(delimiter === undefined ? {} : { delimiter }),
    ...(quote === undefined ? {} : { quote }),
  };
}

/** Adds to an error about missing columns which keys of the config name them. */
function withKeys(error: unknown, data: DataConfig): unknown {
  if (!(error instanceof AssayError) || error.code !== 'COLUMN_MISSING') return error;
  const { missing, header, source } = error.details;
  const names = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
  const wanted = [...columnsOf(data), ...messageColumnsOf(data)];
  return columnsMissing(
    names(missing),
    names(header),
    typeof source === 'string' ? source : [data.source.path].flat().join(', '),
    (column) => wanted.find((each) => each.column === column)?.key ?? 'the config',
  );
}

/** The rows of a block in the order of their lines. */
function* rowsOf(block: SourceBlock, context: RowContext): Generator<ReadRow> {
  const { source, rows, rejected, rawOf } = block;
  let next = 0;
  for (const [index, { line, cells }] of rows.entries()) {
    for (let bad = rejected[next]; bad !== undefined && bad.line < line; bad = rejected[++next])
      yield { kind: 'rejected', rejection: bad };
    yield toRecord(cells, { source, line, raw: () => rawOf(index) }, context);
  }
  for (const rejection of rejected.slice(next)) yield { kind: 'rejected', rejection };
}

function toRecord(cells: readonly CellValue[], origin: RowOrigin, { images, parse }: RowContext): ReadRow {
  try {
    const row = parse(cells);
    if (images !== null) row.record.images = images.get(row.record.id) ?? [];
    return { kind: 'record', origin, ...row };
  } catch (error) {
    return { kind: 'rejected', rejection: rejectionOf(error, origin) };
  }
}

function messagesColumn({ columns: { messages } }: DataConfig): string | undefined {
  return messages?.layout === 'list' ? messages.column : messages && GROUPED_COLUMN;
}

/** Turns the error of one row into a rejection; any other error is thrown again. */
export function rejectionOf(error: unknown, { source, line, raw }: RowOrigin): Rejection {
  if (!(error instanceof AssayError)) throw error;
  const { column } = error.details;
  return {
    source,
    line,
    column: typeof column === 'string' ? column : null,
    code: error.code,
    message: error.message,
    raw: raw(),
  };
}
