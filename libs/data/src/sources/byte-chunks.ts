import { open, type FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { AssayError, systemCodeOf } from '@assay/core';
import { decompressZstd } from './zstd-frames.js';

const CHUNK_BYTES = 2 ** 20;
/** Of the file system, unlike ERR_OUT_OF_RANGE or Z_DATA_ERROR. */
const SYSTEM_CODE = /^E[A-Z0-9]+$/;

/** Formats that are known by their first bytes and not read, with what a person can do. */
const FOREIGN = [
  { name: 'bzip2', magic: '425a68', fix: 'unpack it with bunzip2' },
  { name: 'xz', magic: 'fd377a585a', fix: 'unpack it with unxz' },
  { name: 'zip', magic: '504b0304', fix: 'unpack it with unzip' },
  { name: '7z', magic: '377abcaf', fix: 'unpack it with 7z x' },
  { name: 'UTF-16', magic: 'fffe', fix: 'convert it, e.g. iconv -f utf-16 -t utf-8' },
  { name: 'UTF-16', magic: 'feff', fix: 'convert it, e.g. iconv -f utf-16 -t utf-8' },
] as const;

/** @returns what the first bytes of a file say of its compression */
export function compressionOf(start: Uint8Array): 'gzip' | 'zstd' | null {
  const hex = Buffer.from(start.subarray(0, 4)).toString('hex');
  if (hex.startsWith('1f8b')) return 'gzip';
  return hex === '28b52ffd' || /^5.2a4d18$/.test(hex) ? 'zstd' : null;
}

/**
 * The bytes of a file, in chunks of any size. gzip and zstd are known by their first bytes and unpacked on the way. A chunk
 * holds its bytes only until the next one is asked for.
 *
 * @throws FILE_NOT_FOUND when the file is not there, or cannot be read
 * @throws FILE_CORRUPT when compressed data is damaged or cut off, or the file has a format that is not read
 */
export async function* byteChunks(path: string): AsyncGenerator<Uint8Array> {
  const file = await opened(path);
  try {
    const start = Buffer.alloc(5);
    const { bytesRead } = await file.read(start, 0, start.length, 0);
    refuseForeign(start.subarray(0, bytesRead), path);
    const compression = compressionOf(start.subarray(0, bytesRead));
    if (compression === null) yield* fileChunks(file);
    else yield* unpacked(file, compression, path);
  } catch (error) {
    throw asFileError(error, path);
  } finally {
    await file.close();
  }
}

async function opened(path: string): Promise<FileHandle> {
  try {
    return await open(path);
  } catch (error) {
    throw asFileError(error, path);
  }
}

/** Turns an error of the file system into FILE_NOT_FOUND and leaves every other as it is. */
export function asFileError(error: unknown, path: string): unknown {
  const code = systemCodeOf(error);
  if (code === undefined || !SYSTEM_CODE.test(code)) return error;
  const problem = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
  return new AssayError(
    'FILE_NOT_FOUND',
    `${path} ${problem}. Fix: correct data.source.path, or name the folder with --data-root.`,
    { cause: error },
  );
}

function refuseForeign(start: Buffer, path: string): void {
  const foreign = FOREIGN.find(({ magic }) => start.toString('hex').startsWith(magic));
  if (foreign === undefined) return;
  throw new AssayError(
    'FILE_CORRUPT',
    `${path} is ${foreign.name}; expected UTF-8 text, plain or as gzip or zstd. Fix: ${foreign.fix}.`,
  );
}

/** Reads ahead by one chunk; two buffers take turns. */
async function* fileChunks(file: FileHandle): AsyncGenerator<Uint8Array> {
  const buffers = [Buffer.allocUnsafeSlow(CHUNK_BYTES), Buffer.allocUnsafeSlow(CHUNK_BYTES)] as const;
  let position = 0;
  let turn: 0 | 1 = 0;
  let pending = file.read(buffers[0], 0, CHUNK_BYTES, position);
  try {
    for (;;) {
      const { bytesRead, buffer } = await pending;
      if (bytesRead === 0) return;
      position += bytesRead;
      turn = turn === 0 ? 1 : 0;
      pending = file.read(buffers[turn], 0, CHUNK_BYTES, position);
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await pending.catch(() => undefined); // the file must not be closed under it; who awaits it first gets its error
  }
}

async function* unpacked(
  file: FileHandle,
  compression: 'gzip' | 'zstd',
  path: string,
): AsyncGenerator<Uint8Array> {
  try {
    if (compression === 'zstd') yield* decompressZstd(fileChunks(file));
    else yield* gunzipped(file);
  } catch (error) {
    if (SYSTEM_CODE.test(systemCodeOf(error) ?? '')) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new AssayError(
      'FILE_CORRUPT',
      `${path} cannot be unpacked as ${compression}: ${reason}. Fix: get the file again; ${compression} -t tests it.`,
      { cause: error, details: { path } },
    );
  }
}

async function* gunzipped(file: FileHandle): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  const input = Readable.from(copies(fileChunks(file)));
  input.on('error', (error) => gunzip.destroy(error));
  input.pipe(gunzip);
  try {
    for await (const chunk of gunzip) yield chunk as Buffer; // a stream without encoding gives buffers
  } finally {
    gunzip.destroy();
    input.destroy();
  }
}

/** A stream takes its next chunk before it is done with the one before. */
async function* copies(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield Buffer.from(chunk);
}
