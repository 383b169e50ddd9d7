import { statSync } from 'node:fs';
import { appendFile, truncate } from 'node:fs/promises';
import type { ImageFingerprint } from './duplicates/find-duplicates.js';
import { readLines } from './json-lines.js';
import { readFingerprint, recordFingerprint, type RecordedFingerprint } from './prepared-record.js';

/** Fingerprints of images that were decoded, by the SHA-256 of their files, in a file that outlives a killed run. */
export class FingerprintJournal {
  readonly #path: string;
  readonly #known: Map<string, ImageFingerprint>;
  #lines: string[] = [];

  private constructor(path: string, known: Map<string, ImageFingerprint>) {
    this.#path = path;
    this.#known = known;
  }

  /** Reads what was noted; a last line that was cut off is dropped from the file. */
  static async open(path: string): Promise<FingerprintJournal> {
    const known = new Map<string, ImageFingerprint>();
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    let numBytes = 0;
    if (size === 0) return new FingerprintJournal(path, known);
    for (const line of readLines(path)) {
      const entry = parseEntry(line);
      const end = numBytes + line.length + 1; // it is ASCII
      if (entry === null || end > size) break;
      known.set(entry[0], readFingerprint(entry[1]));
      numBytes = end;
    }
    await truncate(path, numBytes);
    return new FingerprintJournal(path, known);
  }

  get(sha256: string): ImageFingerprint | undefined {
    return this.#known.get(sha256);
  }

  add(sha256: string, fingerprint: ImageFingerprint): void {
    if (this.#known.has(sha256)) return;
    this.#known.set(sha256, fingerprint);
    this.#lines.push(`${JSON.stringify([sha256, recordFingerprint(fingerprint)])}\n`);
  }

  /** Appends what was added. */
  async flush(): Promise<void> {
    const lines = this.#lines;
    this.#lines = [];
    if (lines.length > 0) await appendFile(this.#path, lines.join(''));
  }
}

function parseEntry(line: string): [string, RecordedFingerprint] | null {
  try {
    return JSON.parse(line) as [string, RecordedFingerprint]; // what `add` wrote
  } catch {
    return null;
  }
}
