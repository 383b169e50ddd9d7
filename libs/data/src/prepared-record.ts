import { join } from 'node:path';
import type { RecordMetadata } from '@assay/preprocess';
import type { ImageFingerprint } from './duplicates/find-duplicates.js';
import { readJsonLines, readLines } from './json-lines.js';
import type { Message } from './parse-messages.js';
import type { Split } from './split-key.js';

/** What is kept of a record beside its encoded inputs: one line of `records/<split>.jsonl`. */
export interface PreparedRecord extends RecordMetadata {
  id: string;
  /** File of the source, relative to the data root. */
  source: string;
  /** Line of that file; of Parquet and tar the number of the row or sample. */
  line: number;
  /** The original text by field. */
  text: Record<string, string>;
  /** Numbers by column, as the source has them; null is missing. Nothing when there are no such columns. */
  numeric?: Record<string, number | null>;
  /** Categories by column, as the source has them. Nothing when there are no such columns. */
  categorical?: Record<string, string | null>;
  /** Smallest id of the records that must stay in one split with this one, by group or as duplicates. */
  unit: string;
  /** Values of the second and further group columns; nothing when there are none. */
  moreGroups?: (string | null)[];
  /** The messages of a conversation, in their order; nothing when records are none. */
  messages?: Message[];
  /** Paths relative to the data root. */
  images: string[];
  /** SHA-256 of each image; empty when the pipeline has no image input. */
  imageDigests: string[];
  /** What tells each of these images from others, to look for near-duplicates; hashes as hex digits. */
  fingerprints: RecordedFingerprint[];
  /** Position of the one class of a multi-class record; null when unknown, tied, or multi-label. */
  classIndex: number | null;
}

/** Values of the group columns, in their order. */
export const groupsOf = ({
  group,
  moreGroups = [],
}: Pick<PreparedRecord, 'group' | 'moreGroups'>): (string | null)[] => [group, ...moreGroups];

/** A fingerprint with its hashes as hex digits. */
export type RecordedFingerprint = {
  [Key in keyof ImageFingerprint]: ImageFingerprint[Key] extends Uint8Array ? string : ImageFingerprint[Key];
};

export function recordFingerprint(fingerprint: ImageFingerprint): RecordedFingerprint {
  const { digest, isFlat, hash64, mirrored64, hash256, mirrored256, colors } = fingerprint;
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  return {
    ...{ digest, isFlat, hash64: hex(hash64), mirrored64: hex(mirrored64) },
    ...{ hash256: hex(hash256), mirrored256: hex(mirrored256), colors: hex(colors) },
  };
}

export function readFingerprint(recorded: RecordedFingerprint): ImageFingerprint {
  const { digest, isFlat, hash64, mirrored64, hash256, mirrored256, colors } = recorded;
  const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
  return {
    ...{ digest, isFlat, hash64: bytes(hash64), mirrored64: bytes(mirrored64) },
    ...{ hash256: bytes(hash256), mirrored256: bytes(mirrored256), colors: bytes(colors) },
  };
}

export const recordsPath = (dir: string, split: Split): string => join(dir, 'records', `${split}.jsonl`);

const parseLine = (line: string): PreparedRecord => JSON.parse(line) as PreparedRecord; // written by SplitWriter, checked by the manifest

/** Reads the records of a split one by one. */
export const streamRecords = (dir: string, split: Split): AsyncGenerator<PreparedRecord> =>
  readJsonLines<PreparedRecord>(recordsPath(dir, split));

/** Reads all records of a split. */
export const loadRecords = (dir: string, split: Split): PreparedRecord[] =>
  Array.from(readLines(recordsPath(dir, split)), parseLine);

/** What training asks of a record beside its encoded inputs. */
export type RecordKey = Pick<PreparedRecord, 'id' | 'source' | 'labels'>;

/** Reads all records of a split and keeps what training asks of them: some 200 bytes each, whatever their texts. */
export function loadRecordKeys(dir: string, split: Split): RecordKey[] {
  const sources = new Map<string, string>(); // few, and each record would hold its own copy
  return Array.from(readLines(recordsPath(dir, split)), (line) => {
    const { id, source, labels } = parseLine(line);
    const known = sources.get(source) ?? source;
    sources.set(known, known);
    return { id, source: known, labels };
  });
}
