import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { AssayError, systemCodeOf, writeFileAtomic } from '@assay/core';
import { z } from 'zod';

const ARRAYS = { F32: Float32Array, I32: Int32Array, U8: Uint8Array, I64: BigInt64Array } as const;

export type SafeTensorDtype = keyof typeof ARRAYS;

/** A named array of a safetensors file, row-major. */
export interface SafeTensor {
  dtype: SafeTensorDtype;
  shape: readonly number[];
  /** `F32` Float32Array, `I32` Int32Array, `U8` Uint8Array, `I64` BigInt64Array. */
  data: Float32Array | Int32Array | Uint8Array | BigInt64Array;
}

const LENGTH_BYTES = 8;
/** Limit of the reference implementation on the size of a header. */
const MAX_HEADER_BYTES = 100_000_000;

const entrySchema = z.strictObject({
  dtype: z.enum(['F32', 'I32', 'U8', 'I64']),
  shape: z.array(z.int().min(0)),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});
type Entry = z.infer<typeof entrySchema>;
const headerSchema = z
  .object({ __metadata__: z.record(z.string(), z.string()).optional() })
  .catchall(entrySchema);

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);
const byCode = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Writes named arrays as a safetensors file, atomically. Wider dtypes come first and names are sorted, so that every
 * array lies at a multiple of its element size and equal content gives equal bytes.
 *
 * @param metadata texts that `readSafetensors` gives back
 * @throws SHAPE_MISMATCH when an array has another length than its shape says
 * @throws DTYPE_MISMATCH when an array is not of its dtype
 * @throws DISK_FULL when the disk is full; an older file is then untouched
 * @see https://github.com/huggingface/safetensors#format
 */
export async function writeSafetensors(
  path: string,
  tensors: Record<string, SafeTensor>,
  metadata: Record<string, string> = {},
): Promise<void> {
  await writeFileAtomic(path, encodeSafetensors(tensors, metadata));
}

function encodeSafetensors(
  tensors: Record<string, SafeTensor>,
  metadata: Record<string, string>,
): Uint8Array {
  const width = ({ dtype }: SafeTensor): number => ARRAYS[dtype].BYTES_PER_ELEMENT;
  const sorted = Object.entries(tensors).sort(([a, x], [b, y]) => width(y) - width(x) || byCode(a, b));
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) {
    header['__metadata__'] = Object.fromEntries(Object.entries(metadata).sort(([a], [b]) => byCode(a, b)));
  }
  let end = 0;
  for (const [name, tensor] of sorted) {
    assertFits(name, tensor);
    header[name] = {
      dtype: tensor.dtype,
      shape: tensor.shape,
      data_offsets: [end, end + tensor.data.byteLength],
    };
    end += tensor.data.byteLength;
  }
  const json = Buffer.from(JSON.stringify(header));
  const headerBytes = Math.ceil(json.length / LENGTH_BYTES) * LENGTH_BYTES;
  const out = Buffer.alloc(LENGTH_BYTES + headerBytes + end, ' ');
  out.writeBigUInt64LE(BigInt(headerBytes));
  json.copy(out, LENGTH_BYTES);
  let offset = LENGTH_BYTES + headerBytes;
  for (const [, { data }] of sorted) {
    out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return out;
}

function assertFits(name: string, { dtype, shape, data }: SafeTensor): void {
  if (name === '__metadata__')
    throw new AssayError(
      'USAGE',
      "No tensor may be named '__metadata__': the format keeps that name for itself.",
    );
  if (!(data instanceof ARRAYS[dtype])) {
    throw new AssayError(
      'DTYPE_MISMATCH',
      `Tensor '${name}' is declared ${dtype}, which needs a ${ARRAYS[dtype].name}; got a ${data.constructor.name}.`,
    );
  }
  if (data.length !== sizeOf(shape)) {
    throw new AssayError(
      'SHAPE_MISMATCH',
      `Tensor '${name}' of shape [${shape.join(', ')}] needs ${sizeOf(shape)} values; got ${data.length}.`,
    );
  }
}

/** Where an array lies in its file. */
export interface TensorLayout {
  name: string;
  dtype: SafeTensorDtype;
  shape: readonly number[];
  /** Of its first byte, from the start of the file. */
  offset: number;
  byteLength: number;
}

/**
 * Reads a safetensors file. The arrays are views of one buffer, so whoever keeps one keeps the whole file in memory.
 *
 * @throws FILE_NOT_FOUND when there is no such file
 * @throws FILE_CORRUPT when header and content do not fit each other
 */
export async function readSafetensors(
  path: string,
): Promise<{ tensors: Record<string, SafeTensor>; metadata: Record<string, string> }> {
  const bytes = await readWhole(path);
  const { layout, metadata } = layoutOf(path, bytes, bytes.length);
  const tensors = layout.map(({ name, dtype, shape, offset }): [string, SafeTensor] => [
    name,
    { dtype, shape, data: viewOf(bytes, dtype, offset, sizeOf(shape)) },
  ]);
  return { tensors: Object.fromEntries(tensors), metadata };
}

/**
 * Reads the header of a safetensors file and says where its arrays lie, in the order of the file.
 *
 * @throws FILE_NOT_FOUND when there is no such file
 * @throws FILE_CORRUPT when header and size do not fit each other
 */
export function readLayout(path: string): TensorLayout[] {
  const file = openOrExplain(path);
  try {
    const { size } = fstatSync(file);
    const length = Buffer.alloc(Math.min(size, LENGTH_BYTES));
    readSync(file, length, 0, length.length, 0);
    const wanted = length.length < LENGTH_BYTES ? size : LENGTH_BYTES + Number(length.readBigUInt64LE(0));
    const bytes = Buffer.alloc(Math.min(size, wanted, LENGTH_BYTES + MAX_HEADER_BYTES));
    readSync(file, bytes, 0, bytes.length, 0);
    return layoutOf(path, bytes, size).layout;
  } finally {
    closeSync(file);
  }
}

/** @param bytes the header at least, of a file of `size` bytes */
function layoutOf(
  path: string,
  bytes: Buffer,
  size: number,
): { layout: TensorLayout[]; metadata: Record<string, string> } {
  const { header, start } = parseHeader(path, bytes);
  const { __metadata__: metadata = {}, ...entries } = header;
  const sorted = Object.entries(entries as Record<string, Entry>).sort(
    ([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1],
  ); // without __metadata__ there are entries only
  let expectedStart = 0;
  const layout = sorted.map(
    ([
      name,
      {
        dtype,
        shape,
        data_offsets: [from, to],
      },
    ]): TensorLayout => {
      const byteLength = sizeOf(shape) * ARRAYS[dtype].BYTES_PER_ELEMENT;
      if (from !== expectedStart)
        throw corrupt(path, `tensor '${name}' starts at byte ${from}; expected ${expectedStart}`);
      if (to - from !== byteLength)
        throw corrupt(path, `tensor '${name}' has ${to - from} bytes; its shape needs ${byteLength}`);
      if (start + to > size) throw corrupt(path, `it ends inside tensor '${name}'`);
      expectedStart = to;
      return { name, dtype, shape, offset: start + from, byteLength };
    },
  );
  if (start + expectedStart !== size)
    throw corrupt(path, `${size - start - expectedStart} bytes follow the last tensor`);
  return { layout, metadata };
}

async function readWhole(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw explained(error, path);
  }
}

function openOrExplain(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw explained(error, path);
  }
}

const explained = (error: unknown, path: string): unknown =>
  systemCodeOf(error) === 'ENOENT'
    ? new AssayError('FILE_NOT_FOUND', `${path} does not exist.`, { cause: error, details: { path } })
    : error;

function parseHeader(path: string, bytes: Buffer): { header: z.infer<typeof headerSchema>; start: number } {
  if (bytes.length < LENGTH_BYTES)
    throw corrupt(path, `it has ${bytes.length} bytes; expected at least ${LENGTH_BYTES}`);
  const headerBytes = Number(bytes.readBigUInt64LE(0));
  const start = LENGTH_BYTES + headerBytes;
  if (headerBytes > MAX_HEADER_BYTES || start > bytes.length)
    throw corrupt(path, `its header claims ${headerBytes} bytes`);
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8', LENGTH_BYTES, start));
  } catch (error) {
    throw corrupt(path, 'its header is not JSON', error);
  }
  const parsed = headerSchema.safeParse(json);
  if (!parsed.success)
    throw corrupt(
      path,
      `its header is wrong at '${parsed.error.issues[0]?.path.join('.') ?? ''}'`,
      parsed.error,
    );
  return { header: parsed.data, start };
}

/** A view where the element size allows one, else a copy. */
function viewOf(bytes: Buffer, dtype: SafeTensorDtype, from: number, length: number): SafeTensor['data'] {
  const TypedArray = ARRAYS[dtype];
  const offset = bytes.byteOffset + from;
  const isAligned = offset % TypedArray.BYTES_PER_ELEMENT === 0;
  if (isAligned) return new TypedArray(bytes.buffer as ArrayBuffer, offset, length); // readFile never shares memory
  return new TypedArray(
    Uint8Array.from(bytes.subarray(from, from + length * TypedArray.BYTES_PER_ELEMENT)).buffer,
  );
}

function corrupt(path: string, problem: string, cause?: unknown): AssayError {
  const message = `${path} is not a valid safetensors file: ${problem}. Fix: run the step that writes it again.`;
  return new AssayError('FILE_CORRUPT', message, {
    details: { path },
    ...(cause === undefined ? {} : { cause }),
  });
}
