import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { AssayError } from '@assay/core';
import {
  DuckDBArrayType,
  DuckDBInstance,
  DuckDBListType,
  DuckDBStructType,
  type DuckDBConnection,
  type DuckDBDataChunk,
  type DuckDBType,
} from '@duckdb/node-api';
import { pathLiteral, quoted } from '../duckdb.js';
import { asFileError } from './byte-chunks.js';
import { cellOf, isPlain } from './parquet-values.js';
import {
  cellBlock,
  DEFAULT_MAX_ROW_BYTES,
  rawCells,
  type CellValue,
  type RejectedRow,
  type SourceBlock,
  type SourceRow,
  type SourceSpec,
} from './source.js';
import { fitsInto } from './row-bytes.js';
import { valueAtPath } from './value-at-path.js';
import { columnsMissing } from './wanted-columns.js';

/** Columns of a Parquet file, and the path within each for columns that are parts of a struct. */
interface WantedColumn {
  name: string;
  /** Undefined for the whole column. */
  path?: string;
}

/** Nothing is fetched from the network, whatever a file asks for. */
const OPTIONS = { autoinstall_known_extensions: 'false', autoload_known_extensions: 'false' };

/**
 * The names of the columns of a file.
 *
 * @param wanted columns, or paths into columns, that must be there
 * @throws FILE_CORRUPT when it is no whole Parquet file
 * @throws COLUMN_MISSING when a wanted column is not there
 */
export async function parquetHeader(
  source: string,
  wanted: readonly string[] = [],
  dataRoot: string,
): Promise<string[]> {
  const path = join(dataRoot, source);
  await assertParquet(path, source);
  await using database = await connect();
  const { connection } = database;
  const result = await readable(source, () => connection.stream(`SELECT * FROM ${reader(path)} LIMIT 0`));
  const header = result.columnNames();
  for (const column of wanted) {
    const { name, path } = wantedColumn(column, header, source);
    if (path !== undefined && !hasPath(result.columnType(header.indexOf(name)), path))
      throw columnsMissing([column], header, source);
  }
  return header;
}

interface ParquetSpec extends Pick<SourceSpec, 'columns' | 'maxRowBytes'> {
  /** All columns of the file. */
  header: readonly string[];
}

/**
 * Streams the rows of a Parquet file in its order; what is held is a few of DuckDB's chunks of 2048 rows.
 *
 * @throws FILE_CORRUPT when DuckDB cannot read it
 */
export async function* parquetBlocks(
  source: string,
  { header, columns, maxRowBytes = DEFAULT_MAX_ROW_BYTES }: ParquetSpec,
  dataRoot: string,
): AsyncGenerator<SourceBlock, void, undefined> {
  const wanted = (columns ?? header).map((column) => wantedColumn(column, header, source));
  const names = [...new Set(wanted.map(({ name }) => name))];
  const path = join(dataRoot, source);
  await assertParquet(path, source);
  await using database = await connect();
  const { connection } = database;
  const selected = names.map(quoted).join(', ');
  const result = await readable(source, () => connection.stream(`SELECT ${selected} FROM ${reader(path)}`));
  for (let line = 1; ;) {
    const chunk = await readable(source, () => result.fetchChunk());
    if (chunk === null || chunk.rowCount === 0) return;
    const rows = rowsOf(chunk, { wanted, names, source, line });
    line += rows.length;
    const isFit = (row: SourceRow): boolean => fitsInto(row.cells, maxRowBytes);
    if (rows.every(isFit)) yield cellBlock(source, rows);
    else
      yield cellBlock(
        source,
        rows.filter(isFit),
        rows.filter((row) => !isFit(row)).map((row) => tooLong(row, maxRowBytes)),
      );
  }
}

/** Names of folders do not add columns. */
const reader = (path: string): string => `read_parquet(${pathLiteral(path)}, hive_partitioning = false)`;

const tooLong = ({ source, line, cells }: SourceRow, maxRowBytes: number): RejectedRow => ({
  ...{ source, line, column: null, code: 'RECORD_INVALID', raw: rawCells(cells) },
  message: `The row has more than ${maxRowBytes} bytes.`,
});

async function connect(): Promise<{ connection: DuckDBConnection } & AsyncDisposable> {
  const instance = await DuckDBInstance.create(':memory:', OPTIONS);
  const connection = await instance.connect();
  return {
    connection,
    [Symbol.asyncDispose]: () => {
      connection.closeSync();
      instance.closeSync();
      return Promise.resolve();
    },
  };
}

interface RowsContext {
  wanted: readonly WantedColumn[];
  names: readonly string[];
  source: string;
  line: number;
}

function rowsOf(chunk: DuckDBDataChunk, { wanted, names, source, line }: RowsContext): SourceRow[] {
  const { rowCount } = chunk;
  const cells = Array.from({ length: rowCount }, () => new Array<CellValue>(wanted.length));
  wanted.forEach(({ name, path }, at) => {
    const vector = chunk.getColumnVector(names.indexOf(name));
    const plain = isPlain(vector.type) && path === undefined;
    for (let row = 0; row < rowCount; row++) {
      const item = vector.getItem(row);
      const target = cells[row];
      if (target === undefined) continue;
      // A plain type has no other values than those of a cell.
      if (plain) target[at] = item as CellValue;
      else target[at] = path === undefined ? cellOf(item) : (valueAtPath(cellOf(item), path) ?? null);
    }
  });
  return cells.map((each, row) => ({ source, line: line + row, cells: each }));
}

/** The column of that name, else the one that the name up to a dot is. */
function wantedColumn(column: string, header: readonly string[], source: string): WantedColumn {
  if (header.includes(column)) return { name: column };
  for (let dot = column.indexOf('.'); dot > 0; dot = column.indexOf('.', dot + 1)) {
    const name = column.slice(0, dot);
    if (header.includes(name)) return { name, path: column.slice(dot + 1) };
  }
  throw columnsMissing([column], header, source);
}

/** Whether `valueAtPath` can find something in values of a type. */
function hasPath(type: DuckDBType, path: string): boolean {
  if (type instanceof DuckDBListType || type instanceof DuckDBArrayType) return hasPath(type.valueType, path);
  if (!(type instanceof DuckDBStructType)) return false;
  return type.entryNames.some((name, i) => {
    const entry = type.entryTypes[i];
    const rest = path.slice(name.length + 1);
    return name === path || (path.startsWith(`${name}.`) && entry !== undefined && hasPath(entry, rest));
  });
}

async function assertParquet(path: string, source: string): Promise<void> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const ends = Buffer.alloc(8);
      await file.read(ends, 0, 4, 0);
      await file.read(ends, 4, 4, Math.max(0, size - 4));
      if (ends.toString('latin1') === 'PAR1PAR1' && size >= 12) return;
    } finally {
      await file.close();
    }
  } catch (error) {
    throw asFileError(error, path);
  }
  throw new AssayError(
    'FILE_CORRUPT',
    `${source} is no whole Parquet file: it does not begin and end with PAR1. Fix: get the file again; a compressed one is unpacked first.`,
    { details: { source } },
  );
}

async function readable<T>(source: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (reason.startsWith('Out of Memory')) throw error; // no fault of the file
    throw new AssayError(
      'FILE_CORRUPT',
      `${source} cannot be read as Parquet: ${reason}. Fix: get the file again, or write it anew.`,
      { cause: error, details: { source } },
    );
  }
}
