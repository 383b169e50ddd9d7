import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withTempDir } from '@assay/testing';
import { readSafetensors, writeSafetensors, type SafeTensor } from './safetensors.js';

const TENSORS: Record<string, SafeTensor> = {
  b_U: { dtype: 'U8', shape: [3], data: Uint8Array.of(7, 8, 255) },
  a_F: { dtype: 'F32', shape: [2, 1], data: Float32Array.of(0.5, -2) },
  d_I: { dtype: 'I64', shape: [1], data: BigInt64Array.of(-5n) },
  c_I: { dtype: 'I32', shape: [0, 4], data: new Int32Array(0) },
};

/** A file with this header text and these bytes of content. */
function fileOf(header: string, content: Uint8Array): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
  return Buffer.concat([length, Buffer.from(header), content]);
}

describe('writeSafetensors', () => {
  it('gives back every dtype, shape and value, and the metadata', () =>
    withTempDir(async (dir) => {
      const path = join(dir, 'x.safetensors');
      await writeSafetensors(path, TENSORS, { epoch: '3' });
      const { tensors, metadata } = await readSafetensors(path);
      expect(tensors).toEqual(TENSORS);
      expect(metadata).toEqual({ epoch: '3' });
    }));

  it('lays wider dtypes first, so that every array is aligned', () =>
    withTempDir(async (dir) => {
      const path = join(dir, 'x.safetensors');
      await writeSafetensors(path, TENSORS);
      const bytes = readFileSync(path);
      const headerBytes = Number(bytes.readBigUInt64LE(0));
      expect(headerBytes % 8).toBe(0);
      expect(JSON.parse(bytes.toString('utf8', 8, 8 + headerBytes))).toEqual({
        d_I: { dtype: 'I64', shape: [1], data_offsets: [0, 8] },
        a_F: { dtype: 'F32', shape: [2, 1], data_offsets: [8, 16] },
        c_I: { dtype: 'I32', shape: [0, 4], data_offsets: [16, 16] },
        b_U: { dtype: 'U8', shape: [3], data_offsets: [16, 19] },
      });
    }));

  it('gives equal bytes for any order of the names', () =>
    withTempDir(async (dir) => {
      await writeSafetensors(join(dir, 'x'), TENSORS, { p: '1', q: '2' });
      await writeSafetensors(join(dir, 'y'), Object.fromEntries(Object.entries(TENSORS).reverse()), {
        q: '2',
        p: '1',
      });
      expect(readFileSync(join(dir, 'x'))).toEqual(readFileSync(join(dir, 'y')));
    }));

  it('writes the part of a buffer that a view shows', () =>
    withTempDir(async (dir) => {
      const data = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
      await writeSafetensors(join(dir, 'x'), { v_F: { dtype: 'F32', shape: [2], data } });
      expect((await readSafetensors(join(dir, 'x'))).tensors['v_F']?.data).toEqual(Float32Array.of(2, 3));
    }));

  it('refuses a shape that does not fit the data', async () => {
    const tensors: Record<string, SafeTensor> = {
      a_F: { dtype: 'F32', shape: [2, 3], data: new Float32Array(5) },
    };
    await expect(writeSafetensors('/nowhere/x', tensors)).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
  });

  it('refuses an array of another dtype', async () => {
    const tensors: Record<string, SafeTensor> = {
      a_F: { dtype: 'F32', shape: [1], data: new Int32Array(1) },
    };
    await expect(writeSafetensors('/nowhere/x', tensors)).rejects.toMatchObject({ code: 'DTYPE_MISMATCH' });
  });
});

describe('readSafetensors', () => {
  const entry = (offsets: string, shape = '[2]'): string =>
    `{"x":{"dtype":"U8","shape":${shape},"data_offsets":${offsets}}}`;
  const two = Uint8Array.of(1, 2);
  it.each([
    ['an empty file', Buffer.alloc(0)],
    ['a header longer than the file', fileOf('{}', two).subarray(0, 9)],
    ['a header that is not JSON', fileOf('{"x":', two)],
    ['an unknown dtype', fileOf('{"x":{"dtype":"F64","shape":[],"data_offsets":[0,2]}}', two)],
    ['a shape that needs more bytes', fileOf(entry('[0,2]', '[3]'), two)],
    ['a hole before the first tensor', fileOf(entry('[1,3]'), Uint8Array.of(0, 1, 2))],
    ['content that ends early', fileOf(entry('[0,2]'), Uint8Array.of(1))],
    ['bytes after the last tensor', fileOf(entry('[0,2]'), Uint8Array.of(1, 2, 3))],
  ])('refuses %s', (_, bytes) =>
    withTempDir(async (dir) => {
      writeFileSync(join(dir, 'x'), bytes);
      await expect(readSafetensors(join(dir, 'x'))).rejects.toMatchObject({ code: 'FILE_CORRUPT' });
    }),
  );

  it('reads arrays that another writer left unaligned', () =>
    withTempDir(async (dir) => {
      const header =
        '{"u":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"f":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}}';
      writeFileSync(join(dir, 'x'), fileOf(header, Uint8Array.of(9, 0, 0, 0x80, 0x3f)));
      expect((await readSafetensors(join(dir, 'x'))).tensors['f']?.data).toEqual(Float32Array.of(1));
    }));

  it('names a file that does not exist', async () => {
    await expect(readSafetensors('/nowhere/x')).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });
});
