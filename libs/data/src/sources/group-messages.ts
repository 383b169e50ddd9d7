import { AssayError } from '@assay/core';
import { shortened } from '../parse-cell.js';
import { SeenKeys } from './seen-keys.js';
import {
  cellBlock,
  DEFAULT_MAX_ROW_BYTES,
  rawText,
  type CellValue,
  type RejectedRow,
  type Source,
  type SourceBlock,
  type SourceRow,
} from './source.js';
import { positionsOf } from './wanted-columns.js';

const MAX_MESSAGES = 100_000;

export interface MessageColumns {
  /** Column with the id of the conversation. */
  conversation: string;
  /** Column with the role of the sender. */
  role: string;
  text: string;
  /** Column with the time of the message. */
  time?: string;
  /** Name of the new column. */
  into?: string;
  /** A conversation with more characters is rejected; by default 16 Mi. */
  maxChars?: number;
}

/**
 * Makes one row of the rows of each conversation. Its last column is the list of the messages, `{ role, text, at }`, in the
 * order of the rows; of the other columns it has the one value that its rows have, where some may be empty. So it looks as
 * if the messages had been a JSON column.
 *
 * What is held is one conversation, and 32 bytes for every one before it. Every row of a message is in a conversation
 * or rejected: when a row between two messages was rejected, a message has no role, or two rows differ in another column,
 * all rows of the conversation are.
 *
 * @throws COLUMN_MISSING when the source has no such column
 * @throws FILE_CORRUPT while reading, when the rows of a conversation do not follow each other
 */
export function groupMessages(source: Source, columns: MessageColumns): Source {
  const { conversation, role, text, time, into = 'messages' } = columns;
  const named = [conversation, role, text, ...(time === undefined ? [] : [time])];
  const [id = 0, roleAt = 0, textAt = 0, timeAt] = positionsOf(source.header, named, source.files.join(', '));
  const kept = source.header.flatMap((_, i) => (i === roleAt || i === textAt || i === timeAt ? [] : [i]));
  const places: Places = { id, role: roleAt, text: textAt, time: timeAt, kept };
  return {
    header: [...kept.map((i) => source.header[i] ?? ''), into],
    files: source.files,
    blocks: () => conversationBlocks(source, places, columns),
  };
}

/** Positions in the header. */
interface Places {
  id: number;
  role: number;
  text: number;
  time: number | undefined;
  /** Those of the columns that stay. */
  kept: readonly number[];
}

async function* conversationBlocks(
  source: Source,
  places: Places,
  columns: MessageColumns,
): AsyncGenerator<SourceBlock, void, undefined> {
  const grouping = new Grouping(places, columns, source.header);
  for await (const block of source.blocks()) {
    for (const row of inOrder(block)) grouping.add(row);
    yield* grouping.take();
  }
  grouping.finish();
  yield* grouping.take();
}

/** The rows of a block, good and bad, by line. */
function* inOrder({ rows, rejected }: SourceBlock): Generator<SourceRow | RejectedRow> {
  let next = 0;
  for (const row of rows) {
    for (let bad = rejected[next]; bad !== undefined && bad.line < row.line; bad = rejected[++next])
      yield bad;
    yield row;
  }
  yield* rejected.slice(next);
}

interface Open {
  id: string;
  /** Its rows, and rejected rows after its first. */
  rows: (SourceRow | RejectedRow)[];
  messages: { role: string; text: string; at: CellValue }[];
  numChars: number;
  /** Its cells of the columns that stay: the first of each that is not empty. */
  cells: CellValue[];
  /** Why it is rejected, and the column that is to blame. */
  fault: { why: string; column: string | null } | null;
}

class Grouping {
  readonly #header: readonly string[];
  readonly #places: Places;
  readonly #columns: MessageColumns;
  readonly #seen = new SeenKeys();
  #open: Open | null = null;
  #done: (SourceRow | RejectedRow)[] = [];

  /** @param header of the source */
  constructor(places: Places, columns: MessageColumns, header: readonly string[]) {
    this.#header = header;
    this.#places = places;
    this.#columns = columns;
  }

  add(row: SourceRow | RejectedRow): void {
    if ('code' in row) {
      (this.#open?.rows ?? this.#done).push(row);
      return;
    }
    const id = textOf(row.cells[this.#places.id]);
    if (id.trim() === '') {
      const { conversation } = this.#columns;
      const bad = rejection(row, `The id of the conversation is empty.`, conversation);
      (this.#open?.rows ?? this.#done).push(bad);
      return;
    }
    if (this.#open?.id !== id) this.#begin(id, row);
    if (this.#open !== null) this.#addMessage(this.#open, row);
  }

  finish(): void {
    if (this.#open === null) return;
    const { rows, messages, fault, cells } = this.#open;
    const first = rows[0];
    for (const row of rows) if ('code' in row) this.#done.push(row);
    if (fault === null && first !== undefined && !('code' in first)) {
      const { source, line } = first;
      this.#done.push({ source, line, cells: [...cells, messages] });
    }
    this.#open = null;
  }

  /** The rows that are done, as blocks of one file each. */
  take(): SourceBlock[] {
    const blocks: SourceBlock[] = [];
    for (const row of this.#done) {
      let block = blocks.at(-1);
      if (block?.source !== row.source) {
        block = cellBlock(row.source);
        blocks.push(block);
      }
      if ('code' in row) block.rejected.push(row);
      else block.rows.push(row);
    }
    this.#done = [];
    return blocks;
  }

  #begin(id: string, row: SourceRow): void {
    this.finish();
    if (!this.#seen.add(id))
      throw new AssayError(
        'FILE_CORRUPT',
        `${row.source}: the conversation '${id}' goes on in line ${row.line}, after others; the rows of a conversation must follow each other. Fix: sort the rows by '${this.#columns.conversation}', then by time.`,
        { details: { source: row.source, line: row.line } },
      );
    this.#open = { id, rows: [], messages: [], numChars: 0, cells: [], fault: null };
  }

  #addMessage(open: Open, row: SourceRow): void {
    const { cells } = row;
    const { role, text, time } = this.#places;
    const message = {
      role: textOf(cells[role]).trim(),
      text: textOf(cells[text]),
      at: time === undefined ? null : (cells[time] ?? null),
    };
    const last = open.rows.at(-1);
    open.numChars += message.text.length + message.role.length;
    const blame = (why: string, column: string | null = null): void => void (open.fault ??= { why, column });
    if (last !== undefined && 'code' in last) blame(`a row of it, in line ${last.line}, was rejected`);
    if (message.role === '') blame(`its message in line ${row.line} has no role`, this.#columns.role);
    if (open.messages.length >= MAX_MESSAGES) blame(`it has more than ${MAX_MESSAGES} messages`);
    if (open.numChars > (this.#columns.maxChars ?? DEFAULT_MAX_ROW_BYTES)) blame('it is too long');
    const other = this.#joinCells(open, row);
    if (other !== undefined) blame(...other);
    open.rows.push(row);
    open.messages.push(message);
    if (open.fault !== null) this.#rejectRows(open, open.fault);
  }

  /**
   * Fills what the rows so far left empty.
   *
   * @returns why a cell does not fit those before it, and its column
   */
  #joinCells({ cells: joined }: Open, { line, cells }: SourceRow): [string, string] | undefined {
    for (const [at, index] of this.#places.kept.entries()) {
      const [known, cell] = [joined[at] ?? null, cells[index] ?? null];
      const [knownText, text] = [textOf(known), textOf(cell)];
      if (knownText === '') joined[at] = cell;
      else if (text !== '' && text !== knownText) {
        const column = this.#header[index] ?? '';
        const why = `'${column}' is '${shortened(knownText)}' in a row of it and '${shortened(text)}' in line ${line}, and a conversation has one value`;
        return [why, column];
      }
    }
    return undefined;
  }

  /** From now on nothing of it is held. */
  #rejectRows(open: Open, { why, column }: { why: string; column: string | null }): void {
    for (const row of open.rows)
      this.#done.push(
        'code' in row ? row : rejection(row, `The conversation '${open.id}' is left out: ${why}.`, column),
      );
    open.rows = [];
    open.messages = [];
  }
}

function rejection(
  { source, line, cells }: SourceRow,
  message: string,
  column: string | null = null,
): RejectedRow {
  const raw = rawText(Buffer.from(cells.map(textOf).join(',')));
  return { source, line, column, code: 'RECORD_INVALID', message, raw };
}

/** Text as it is, null as an empty text, anything else as JSON. */
function textOf(cell: CellValue | undefined): string {
  if (typeof cell === 'string') return cell;
  if (cell === null || cell === undefined) return '';
  return typeof cell === 'object'
    ? JSON.stringify(cell, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
    : String(cell);
}
