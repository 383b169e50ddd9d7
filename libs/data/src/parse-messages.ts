import { cellError, parseTime, shortened } from './parse-cell.js';
import { isList, scalarText } from './cell-text.js';
import type { CellValue } from './sources/source.js';
import { isStruct } from './sources/value-at-path.js';

/** One message of a conversation. */
export interface Message {
  /** Role of the sender, e.g. `buyer`. */
  role: string;
  text: string;
  /** Milliseconds since 1970-01-01 UTC, or null. */
  timeMs: number | null;
}

/**
 * The messages of a conversation, in their order.
 *
 * @param cell a list of `{ role, text, at }`, or its JSON; empty means no messages
 * @throws RECORD_INVALID when it is anything else, a message has no role, or one is older than the one before it
 */
export function parseMessages(cell: CellValue | undefined, column: string): Message[] {
  const list = typeof cell === 'string' ? listOf(cell, column) : (cell ?? []);
  if (!isList(list)) throw cellError(column, `It is no list of messages; ${EXPECTED}.`);
  const messages = list.map((item, i) => parseMessage(item, i, column));
  let last = -Infinity;
  for (const [i, { timeMs }] of messages.entries()) {
    if (timeMs === null) continue;
    if (timeMs < last)
      throw cellError(column, `Message ${i + 1} is older than one before it; expected them in their order.`);
    last = timeMs;
  }
  return messages;
}

const EXPECTED = 'expected e.g. [{"role": "buyer", "text": "Hello", "at": "2024-05-31T18:00:00Z"}]';

function listOf(json: string, column: string): CellValue {
  if (json.trim() === '') return [];
  try {
    return JSON.parse(json) as CellValue; // what JSON can hold
  } catch {
    throw cellError(column, `'${shortened(json)}' is not JSON; ${EXPECTED}.`);
  }
}

function parseMessage(item: CellValue, position: number, column: string): Message {
  const wrong = (what: string): never => {
    throw cellError(column, `Message ${position + 1} ${what}; ${EXPECTED}.`);
  };
  if (!isStruct(item)) return wrong('is no object');
  const role = scalarText(item['role'], column).trim();
  if (role === '') wrong('has no role');
  if (typeof item['text'] !== 'string') wrong('has no text');
  return {
    role,
    text: scalarText(item['text'], column),
    timeMs: parseTime(scalarText(item['at'], column), column),
  };
}
