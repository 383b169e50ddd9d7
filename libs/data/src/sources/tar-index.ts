import { open, type FileHandle } from 'node:fs/promises';
import { AssayError } from '@assay/core';
import { extract, type Extract, type Header } from 'tar-stream';
import { asFileError, compressionOf } from './byte-chunks.js';

/** Where the bytes of a member lie in its archive. */
export interface TarMember {
  offset: number;
  sizeBytes: number;
}

/** Members by name, in the order of the archive. */
export type TarIndex = ReadonlyMap<string, TarMember>;

const WINDOW_BYTES = 2 ** 16;
const BLOCK_BYTES = 512;
const ZEROS = Buffer.alloc(2 ** 20);

/**
 * Finds the files in a tar archive. Only headers are read; the contents are passed over. A hard link is the file that it
 * links to; folders, symbolic links and devices are left out. A name is a key and no path: `../x` is harmless, as nothing
 * is written. A leading `./` is dropped.
 *
 * @throws FILE_NOT_FOUND when the archive is not there
 * @throws FILE_CORRUPT when it is compressed, damaged or cut off, or has two members of one name
 */
export async function indexTar(path: string): Promise<TarIndex> {
  let file: FileHandle | undefined;
  try {
    file = await open(path);
    const { size } = await file.stat();
    await assertWhole(file, size, path);
    return await readIndex(file, size, path);
  } catch (error) {
    throw asFileError(error, path);
  } finally {
    await file?.close();
  }
}

async function assertWhole(file: FileHandle, sizeBytes: number, path: string): Promise<void> {
  const start = await bytesAt(file, 0, 4);
  const compression = compressionOf(start);
  if (compression !== null)
    throw tarError(
      path,
      `is compressed with ${compression}, so that its members cannot be read one by one`,
      `unpack the archive itself, ${compression === 'gzip' ? 'gunzip' : 'zstd -d'} ${path}`,
    );
  const end = await bytesAt(file, Math.max(0, sizeBytes - BLOCK_BYTES), BLOCK_BYTES);
  if (sizeBytes % BLOCK_BYTES === 0 && sizeBytes > 0 && end.every((byte) => byte === 0)) return;
  throw tarError(
    path,
    'has no end: it is cut off, or no tar archive',
    'get the file again; tar -tf tests it',
  );
}

async function readIndex(file: FileHandle, sizeBytes: number, path: string): Promise<TarIndex> {
  const index = new Map<string, TarMember>();
  const parser = extract();
  let nextHeader = 0;
  let failure: Error | undefined;
  const fail = (error: Error): void => void (failure ??= error);
  const closed = new Promise<void>((resolve) => parser.once('close', resolve));
  parser.on('error', fail);
  parser.on('entry', (header: Header & { byteOffset?: number }, content, next) => {
    const { byteOffset = 0, size } = header; // not in the package's types
    nextHeader = byteOffset + size;
    if (nextHeader > sizeBytes) fail(new Error(`${header.name} goes beyond the end`));
    else failure ??= addMember(index, header, { offset: byteOffset, sizeBytes: size }, path);
    content.on('error', fail);
    content.resume();
    next();
  });
  for (let position = 0; position < sizeBytes && failure === undefined;) {
    // Contents are not looked at, so zeros do as well as the bytes of the file.
    const numSkipped = Math.min(Math.max(0, nextHeader - position), ZEROS.length);
    const bytes =
      numSkipped > 0 ? ZEROS.subarray(0, numSkipped) : await bytesAt(file, position, WINDOW_BYTES);
    position += bytes.length;
    if (bytes.length === 0) fail(new Error('it became shorter'));
    if (!parser.write(bytes)) await Promise.race([closed, once(parser, 'drain')]);
  }
  if (failure === undefined) parser.end(null);
  else parser.destroy(null);
  await closed;
  if (failure === undefined) return index;
  if (failure instanceof AssayError) throw failure;
  throw tarError(
    path,
    `is no whole tar archive: ${failure.message}`,
    'get the file again; tar -tf tests it',
    failure,
  );
}

const once = (parser: Extract, event: 'drain'): Promise<void> =>
  new Promise((resolve) => parser.once(event, resolve));

/** @returns an error when there is a member of that name */
function addMember(
  index: Map<string, TarMember>,
  { name, type, linkname }: Header,
  member: TarMember,
  path: string,
): AssayError | undefined {
  const key = withoutDot(name);
  const target = type === 'link' ? index.get(withoutDot(linkname)) : undefined;
  if (type !== 'file' && type !== 'contiguous-file' && target === undefined) return undefined;
  if (index.has(key))
    return tarError(path, `has two members of the name ${key}`, 'pack it anew, each file once');
  index.set(key, target ?? member);
  return undefined;
}

const withoutDot = (name: string): string => name.replace(/^(\.\/+)+/, '');

async function bytesAt(file: FileHandle, position: number, numBytes: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(numBytes);
  const { bytesRead } = await file.read(buffer, 0, numBytes, position);
  return buffer.subarray(0, bytesRead);
}

export const tarError = (path: string, problem: string, fix: string, cause?: unknown): AssayError =>
  new AssayError('FILE_CORRUPT', `${path} ${problem}. Fix: ${fix}.`, { cause, details: { path } });
