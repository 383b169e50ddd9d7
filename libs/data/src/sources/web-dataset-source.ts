import { isUtf8 } from 'node:buffer';
import { join, posix } from 'node:path';
import {
  cellBlock,
  DEFAULT_MAX_ROW_BYTES,
  rawText,
  type CellValue,
  type RejectedRow,
  type SourceBlock,
  type SourceRow,
  type SourceSpec,
} from './source.js';
import { formatTarRef, TarArchives } from './tar-archive.js';
import type { TarIndex } from './tar-index.js';
import { isRounded, textProblemOf, valueAtPath } from './value-at-path.js';
import { columnsMissing, type SeenColumns } from './wanted-columns.js';

const KEY_COLUMN = '__key__';
/** The list of all images of a sample. */
const IMAGES_COLUMN = '__images__';
const IMAGE = /(^|\.)(jpe?g|png|webp|gif|bmp|tiff?|avif|heic|ppm|pgm|pbm)$/i;
const TEXT = /(^|\.)(txt|text|cls|cls2|index|inx|id|transcript)$/i;
const JSON_MEMBER = /(^|\.)(json|jsn)$/i;
const BLOCK_ROWS = 256;

/** The members of one sample: by what follows the first dot of their names. */
interface Sample {
  key: string;
  members: ReadonlyMap<string, string>;
}

/**
 * The columns of tar archives of samples: `__key__`, `__images__` and each ending that members have, sorted.
 *
 * @param wanted columns to read instead; `json.title` is a part of a JSON member
 * @throws COLUMN_MISSING when no sample has a wanted one
 */
export async function webDatasetHeader(
  files: readonly string[],
  wanted: readonly string[] | undefined,
  dataRoot: string,
): Promise<readonly string[]> {
  await using archives = new TarArchives();
  const endings = new Set<string>();
  for (const file of files)
    for (const { members } of samplesOf(await archives.index(join(dataRoot, file))))
      for (const ending of members.keys()) endings.add(ending);
  const header = [KEY_COLUMN, IMAGES_COLUMN, ...[...endings].sort()];
  const missing = (wanted ?? []).filter(
    (column) => !header.includes(column) && jsonMember(column, endings) === null,
  );
  if (missing.length > 0) throw columnsMissing(missing, header, files.join(', '));
  return wanted ?? header;
}

interface WebDatasetSpec extends Pick<SourceSpec, 'imageColumns' | 'maxRowBytes'> {
  /** Notes the columns that samples have. */
  seen: SeenColumns;
}

/**
 * Streams the samples of a tar archive (WebDataset): members whose names are equal up to the first dot of their last part
 * are one sample. JSON members are read, and text members: all but those of the image columns, or, when these are not
 * named, the usual endings of texts. Of the others a cell is a reference, `archive.tar#member`. The line of a row is the
 * number of its sample.
 *
 * @see https://github.com/webdataset/webdataset
 */
export async function* webDatasetBlocks(
  source: string,
  header: readonly string[],
  { imageColumns, maxRowBytes = DEFAULT_MAX_ROW_BYTES, seen }: WebDatasetSpec,
  dataRoot: string,
): AsyncGenerator<SourceBlock, void, undefined> {
  await using archives = new TarArchives();
  const path = join(dataRoot, source);
  const index = await archives.index(path);
  const read = (member: string): Promise<Buffer> => {
    if ((index.get(member)?.sizeBytes ?? 0) > maxRowBytes)
      throw new BadMember(`${member} has more than ${maxRowBytes} bytes.`, '');
    return archives.read(path, member);
  };
  let block = cellBlock(source);
  let line = 0;
  for (const sample of samplesOf(index)) {
    line++;
    const result = await rowOf(sample, { source, line, header, imageColumns, read, seen });
    if ('cells' in result) block.rows.push(result);
    else block.rejected.push(result);
    if (line % BLOCK_ROWS !== 0) continue;
    yield block;
    block = cellBlock(source);
  }
  yield block;
}

function samplesOf(index: TarIndex): Sample[] {
  const samples = new Map<string, Map<string, string>>();
  for (const member of index.keys()) {
    const { dir, base } = posix.parse(member);
    const dot = base.indexOf('.', 1);
    if (dot < 0 || base.startsWith('.')) continue; // a member without an ending belongs to no sample
    const key = dir === '' ? base.slice(0, dot) : `${dir}/${base.slice(0, dot)}`;
    const members = samples.get(key) ?? new Map<string, string>();
    members.set(base.slice(dot + 1), member);
    samples.set(key, members);
  }
  return [...samples].map(([key, members]) => ({ key, members }));
}

interface RowContext {
  source: string;
  line: number;
  header: readonly string[];
  imageColumns: readonly string[] | undefined;
  seen: SeenColumns;
  read: (member: string) => Promise<Buffer>;
}

async function rowOf(sample: Sample, context: RowContext): Promise<SourceRow | RejectedRow> {
  const { source, line, header } = context;
  const json = new Map<string, CellValue>();
  const cells: CellValue[] = [];
  for (const [index, column] of header.entries()) {
    try {
      const cell = await cellOf(sample, column, { ...context, json });
      if (cell !== undefined) context.seen.add(index);
      cells.push(cell ?? null);
    } catch (error) {
      if (!(error instanceof BadMember)) throw error;
      context.seen.add(index);
      const { message } = error;
      const raw = rawText(Buffer.from(error.raw));
      return { source, line, column, code: 'RECORD_INVALID', message: `${sample.key}: ${message}`, raw };
    }
  }
  return { source, line, cells };
}

interface CellContext extends RowContext {
  /** JSON members of the sample that were read. */
  json: Map<string, CellValue>;
}

/** @returns undefined when the sample has no such member, or its JSON no such path */
async function cellOf(
  { key, members }: Sample,
  column: string,
  context: CellContext,
): Promise<CellValue | undefined> {
  const { source, imageColumns, json, read } = context;
  const ref = (member: string): string => formatTarRef({ archive: source, member });
  if (column === KEY_COLUMN) return key;
  if (column === IMAGES_COLUMN)
    return [...members].filter(([ending]) => IMAGE.test(ending)).map(([, member]) => ref(member));
  const ending = members.has(column) ? column : jsonMember(column, members);
  const member = ending === null ? undefined : members.get(ending);
  if (ending === null || member === undefined) return undefined;
  const isText = imageColumns === undefined ? TEXT.test(ending) : !imageColumns.includes(column);
  if (!JSON_MEMBER.test(ending)) return isText ? textOf(await read(member)).trim() : ref(member);
  const value = json.get(ending) ?? jsonOf(textOf(await read(member)));
  json.set(ending, value);
  return ending === column ? value : valueAtPath(value, column.slice(ending.length + 1));
}

/** Whether a column is a part of JSON members, like `json.title`; which parts there are, only reading tells. */
export const isJsonPath = (column: string): boolean => /(^|\.)(json|jsn)\./i.test(column);

/** The JSON member that a column is a part of. */
function jsonMember(column: string, endings: Pick<ReadonlySet<string>, 'has'>): string | null {
  for (let dot = column.indexOf('.'); dot > 0; dot = column.indexOf('.', dot + 1)) {
    const ending = column.slice(0, dot);
    if (JSON_MEMBER.test(ending) && endings.has(ending)) return ending;
  }
  return null;
}

/** A member that rejects its sample. */
class BadMember extends Error {
  constructor(
    message: string,
    readonly raw: string,
  ) {
    super(message);
  }
}

function textOf(bytes: Buffer): string {
  const text = bytes.toString();
  if (!isUtf8(bytes)) throw new BadMember('The text is not valid UTF-8.', text);
  if (text.includes('\0')) throw new BadMember('The text holds a NUL character.', text);
  return text;
}

function jsonOf(text: string): CellValue {
  let value: CellValue;
  try {
    value = JSON.parse(text) as CellValue; // what JSON can hold
  } catch (error) {
    throw new BadMember(`It is not JSON: ${error instanceof Error ? error.message : String(error)}.`, text);
  }
  const problem = textProblemOf(value);
  if (problem !== null) throw new BadMember(`Its JSON ${problem}.`, text);
  if (isRounded(value, text))
    throw new BadMember('Its JSON holds an integer that a number cannot hold; write it in quotes.', text);
  return value;
}
