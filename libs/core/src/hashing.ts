import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { canonicalJson } from './canonical-json.js';

/** SHA-256 of bytes or UTF-8 text, as 64 lower-case hex digits. */
export function sha256OfBytes(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** SHA-256 of a file, read as a stream in constant memory. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

/** SHA-256 of the canonical JSON of a value: independent of the order of keys. */
export function sha256OfJson(value: unknown): string {
  return sha256OfBytes(canonicalJson(value));
}

/** SHA-256 over several texts, each prefixed by its length, so that ['ab','c'] and ['a','bc'] differ. */
export function sha256OfStrings(parts: Iterable<string>): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest('hex');
}
