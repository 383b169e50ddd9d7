import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** Reads a file of one JSON value a line, line by line. */
export async function* readJsonLines<T>(path: string): AsyncGenerator<T> {
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity }))
    if (line !== '') yield JSON.parse(line) as T; // written by prepare
}
