import {
  closeSync,
  createReadStream,
  createWriteStream,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';
import { SetupError } from './setup-error.mjs';

// crc32 exists from Node 20.15 and 22.2 on.
const { crc32, createInflateRaw } = zlib;
const END_OF_DIRECTORY = Buffer.from('PK\x05\x06', 'latin1');

/** The entries of a zip archive, from its central directory. Archives over 4 GB (zip64) are not supported. */
export function zipEntries(path) {
  const fd = openSync(path, 'r');
  try {
    const { size } = fstatSync(fd);
    const read = (offset, length) => {
      const bytes = Buffer.alloc(length);
      readSync(fd, bytes, 0, length, offset);
      return bytes;
    };
    const tailLength = Math.min(size, 65_557);
    const tail = read(size - tailLength, tailLength);
    const end = tail.lastIndexOf(END_OF_DIRECTORY);
    if (end < 0) throw damaged(path, 'it has no directory');
    const directory = read(tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));
    const entries = [];
    for (let at = 0, i = 0; i < tail.readUInt16LE(end + 10); i++) {
      const nameLength = directory.readUInt16LE(at + 28);
      const local = directory.readUInt32LE(at + 42);
      const header = read(local, 30);
      entries.push({
        name: directory.toString('utf8', at + 46, at + 46 + nameLength),
        mode: directory.readUInt32LE(at + 38) >>> 16,
        deflated: directory.readUInt16LE(at + 10) === 8,
        crc: directory.readUInt32LE(at + 16),
        compressedBytes: directory.readUInt32LE(at + 20),
        sizeBytes: directory.readUInt32LE(at + 24),
        offset: local + 30 + header.readUInt16LE(26) + header.readUInt16LE(28),
      });
      at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
    }
    return entries;
  } finally {
    closeSync(fd);
  }
}

/** Unpacks the entries that `want` chooses below `dir`, checking the size of each and, where Node can, its checksum. */
export async function unzip(path, dir, want) {
  for (const entry of zipEntries(path)) {
    if (entry.sizeBytes === 0 || entry.name.split('/').includes('..') || !want(entry.name)) continue;
    const target = join(dir, entry.name);
    mkdirSync(dirname(target), { recursive: true });
    let crc = 0;
    const check = new Transform({
      transform(chunk, _encoding, done) {
        if (crc32 !== undefined) crc = crc32(chunk, crc);
        done(null, chunk);
      },
    });
    const source = createReadStream(path, {
      start: entry.offset,
      end: entry.offset + entry.compressedBytes - 1,
      highWaterMark: 1 << 20,
    });
    try {
      await pipeline(
        source,
        ...(entry.deflated ? [createInflateRaw()] : []),
        check,
        createWriteStream(target, { mode: 0o644 | (entry.mode & 0o111) }), // ptxas must stay executable
      );
    } catch (error) {
      if (error.code === 'ENOSPC') throw error;
      throw damaged(path, `${entry.name}: ${error.message}`);
    }
    if (statSync(target).size !== entry.sizeBytes || (crc32 !== undefined && crc !== entry.crc))
      throw damaged(path, `${entry.name} does not fit its checksum`);
  }
}

const damaged = (path, why) =>
  new SetupError(
    'WHEEL_DAMAGED',
    `${path} is damaged: ${why}`,
    `delete ${path} and run the same command again`,
  );
