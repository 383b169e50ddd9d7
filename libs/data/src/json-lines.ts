import { closeSync, openSync, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';

/** Reads a file of one JSON value a line, line by line; empty lines are none. Signals are seen between two chunks. */
export async function* readJsonLines<T>(path: string): AsyncGenerator<T> {
  for (const lines of lineChunks(path)) {
    yield* lines.filter((line) => line !== '').map((line) => JSON.parse(line) as T); // written by prepare
    await setImmediate();
  }
}

/**
 * Lines of a file of any size: the text of the whole may be longer than a string can be. Nothing but a line feed ends a
 * line, unlike in `node:readline`: texts may hold U+2028 and U+2029, which JSON does not escape.
 */
export function* readLines(path: string): Generator<string> {
  for (const lines of lineChunks(path)) yield* lines;
}

const LINES_AT_ONCE = 1000;

/** The text of a file of one JSON value a line, some lines at a time: all of it may be longer than a string can be. */
export function* jsonLines(values: Iterable<unknown>): Generator<string> {
  let lines: string[] = [];
  for (const value of values) {
    lines.push(`${JSON.stringify(value)}\n`);
    if (lines.length < LINES_AT_ONCE) continue;
    yield lines.join('');
    lines = [];
  }
  if (lines.length > 0) yield lines.join('');
}

const CHUNK_BYTES = 2 ** 20;
const LF = 10;

function* lineChunks(path: string): Generator<string[]> {
  const file = openSync(path, 'r');
  try {
    let rest: Buffer[] = [];
    for (;;) {
      const chunk = Buffer.alloc(CHUNK_BYTES);
      const bytes = chunk.subarray(0, readSync(file, chunk));
      if (bytes.length === 0) break;
      const end = bytes.lastIndexOf(LF);
      if (end < 0) {
        rest.push(bytes);
        continue;
      }
      const lines = Buffer.concat([...rest, bytes.subarray(0, end)]);
      yield lines.toString().split('\n');
      rest = [bytes.subarray(end + 1)];
    }
    const last = Buffer.concat(rest);
    if (last.length > 0) yield [last.toString()];
  } finally {
    closeSync(file);
  }
}
