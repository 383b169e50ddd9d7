import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { withTempDir } from '@assay/testing';
import { byteChunks } from './byte-chunks.js';

async function contentOf(path: string): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const chunk of byteChunks(path)) parts.push(Buffer.from(chunk));
  return Buffer.concat(parts);
}

const contentOfBytes = (bytes: Uint8Array): Promise<Buffer> =>
  withTempDir((dir) => {
    const path = join(dir, 'x.csv');
    writeFileSync(path, bytes);
    return contentOf(path);
  });

/** About 4 MB of CSV, plain and as zstd that DuckDB wrote. */
async function zstdOf(dir: string): Promise<{ plain: Buffer; packed: Buffer }> {
  const [plain, packed] = [join(dir, 'x.csv'), join(dir, 'x.csv.zst')];
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  const rows = `SELECT i, md5(i::VARCHAR) AS a, repeat('word ', (i % 20)::INTEGER) AS b FROM range(40000) t(i)`;
  await connection.run(`COPY (${rows}) TO '${plain}' (FORMAT csv)`);
  await connection.run(`COPY (${rows}) TO '${packed}' (FORMAT csv, COMPRESSION zstd)`);
  connection.closeSync();
  instance.closeSync();
  return { plain: await readFile(plain), packed: await readFile(packed) };
}

/** Frames of the zstd command: with a raw block, a size and a checksum; and with a compressed block and a checksum. */
const RAW_FRAME = Buffer.from('28b52ffd2408410000612c620a312c320a35e7cace', 'hex');
const PACKED_FRAME = Buffer.from(
  '28b52ffd04680d0100c87468652063617420736174206f6e20746865206d61742c200a010094caf6730c0b091621',
  'hex',
);
const PACKED_TEXT = `${'the cat sat on the mat, '.repeat(200)}\n`;

describe('byteChunks', () => {
  it('gives the bytes of a file of several chunks', async () => {
    const bytes = Buffer.from('0123456789'.repeat(300_000));
    expect((await contentOfBytes(bytes)).equals(bytes)).toBe(true);
  });

  it('unpacks gzip of several members by its first bytes, whatever the name', async () => {
    const [a, b] = [Buffer.from('a,b\n'), Buffer.from('1,2\n'.repeat(500_000))];
    const read = await contentOfBytes(Buffer.concat([gzipSync(a), gzipSync(b)]));
    expect(read.equals(Buffer.concat([a, b]))).toBe(true);
  });

  it('unpacks gzip that is longer than what is read at once', async () => {
    const bytes = Buffer.alloc(7_000_000);
    for (let i = 0, state = 1; i < bytes.length; i += 4) {
      state = (Math.imul(state, 1664525) + 1013904223) | 0; // so that it does not become shorter
      bytes.writeInt32LE(state ^ (state >>> 13), i);
    }
    const read = await contentOfBytes(gzipSync(bytes, { level: 1 }));
    expect(read.equals(bytes)).toBe(true);
  });

  it('finds a zstd frame that is not as long as it says, without a checksum', async () => {
    const frame = Buffer.from(RAW_FRAME.subarray(0, -4));
    frame[4] = 0x20; // one segment, no checksum
    await expect(contentOfBytes(frame)).resolves.toEqual(Buffer.from('a,b\n1,2\n'));
    frame[5] = 9;
    await expect(contentOfBytes(frame)).rejects.toMatchObject({ code: 'FILE_CORRUPT' });
  });

  it('unpacks zstd of several frames, with frames that are to be skipped', () =>
    withTempDir(async (dir) => {
      const { plain, packed } = await zstdOf(dir);
      const skipped = Buffer.from([0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 9, 9, 9]);
      const read = await contentOfBytes(Buffer.concat([skipped, packed, skipped, packed]));
      expect(read.equals(Buffer.concat([plain, plain]))).toBe(true);
    }));

  it('finds every cut and every changed byte of gzip', async () => {
    const packed = gzipSync('a,b\n1,2\n');
    for (let length = 3; length < packed.length; length++)
      await expect(contentOfBytes(packed.subarray(0, length))).rejects.toMatchObject({
        code: 'FILE_CORRUPT',
      });
    const changed = Buffer.from(packed);
    changed[packed.length - 6]! ^= 1; // of the CRC
    await expect(contentOfBytes(changed)).rejects.toMatchObject({
      code: 'FILE_CORRUPT',
      message: expect.stringContaining('Fix: get the file again') as string,
    });
  });

  it.each([
    [RAW_FRAME, 'a,b\n1,2\n'],
    [PACKED_FRAME, PACKED_TEXT],
  ])('finds every cut and every changed bit of zstd with a checksum', async (packed, text) => {
    expect((await contentOfBytes(packed)).toString()).toBe(text);
    for (let length = 5; length < packed.length; length++)
      await expect(contentOfBytes(packed.subarray(0, length))).rejects.toMatchObject({
        code: 'FILE_CORRUPT',
      });
    for (let bit = 32; bit < 8 * packed.length; bit += packed === PACKED_FRAME ? 3 : 1) {
      if (packed === PACKED_FRAME && bit >> 3 === 5) continue; // only says how much memory to take
      const changed = Buffer.from(packed);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      const result = await contentOfBytes(changed).catch((error: unknown) => error);
      if (Buffer.isBuffer(result))
        expect(result.toString()).toBe(text); // a bit that says nothing of the content
      else expect(result).toMatchObject({ code: 'FILE_CORRUPT' });
    }
  });

  it('finds the cut of a large zstd file wherever it is', () =>
    withTempDir(async (dir) => {
      const { packed } = await zstdOf(dir);
      for (const share of [0.01, 0.3, 0.7, 0.999])
        await expect(
          contentOfBytes(packed.subarray(0, Math.floor(share * packed.length))),
        ).rejects.toMatchObject({ code: 'FILE_CORRUPT' });
    }));

  it.each([
    ['bzip2', Buffer.from('BZh91AY')],
    ['zip', Buffer.from('PK\x03\x04x')],
    ['UTF-16', Buffer.from('\ufeffa,b', 'utf16le')],
  ])('refuses %s by its name, with a fix', async (name, bytes) => {
    await expect(contentOfBytes(bytes)).rejects.toMatchObject({
      code: 'FILE_CORRUPT',
      message: expect.stringContaining(name) as string,
    });
  });

  it('gives a folder and a missing file a coded error', () =>
    withTempDir(async (dir) => {
      mkdirSync(join(dir, 'x'));
      for (const name of ['x', 'y'])
        await expect(contentOf(join(dir, name))).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    }));
});
