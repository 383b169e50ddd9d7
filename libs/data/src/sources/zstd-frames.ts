import { Decompress } from 'fzstd';
import { XxHash64 } from './xxhash64.js';

const MAGIC = 0xfd2fb528;
/** The low four bits of the magic number of a skippable frame are free. */
const SKIPPABLE = 0x184d2a5;
/** What the zstd command also refuses unless it is told otherwise. */
const MAX_WINDOW_BYTES = 2 ** 27;
const BLOCK_TYPE = { raw: 0, rle: 1, compressed: 2 } as const;

/**
 * Decompresses zstd frames as they come. fzstd decodes the blocks; the checksums and the sizes, which it does not look at,
 * are checked here, so that damage is noticed.
 *
 * @throws Error that says in a few words what is wrong with the data
 * @see https://github.com/facebook/zstd/blob/dev/doc/zstd_compression_format.md
 */
export async function* decompressZstd(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const input = new ByteReader(chunks);
  for (;;) {
    const start = await input.takeAtMost(4);
    if (start.length === 0) return;
    const magic = start.length < 4 ? 0 : start.readUInt32LE();
    if (magic >>> 4 === SKIPPABLE) await skip(input, (await input.take(4)).readUInt32LE());
    else if (magic === MAGIC) yield* frameOf(input, start);
    else throw new Error('a frame has no magic number');
  }
}

async function skip(input: ByteReader, sizeBytes: number): Promise<void> {
  for (let rest = sizeBytes; rest > 0; rest -= 2 ** 16) await input.take(Math.min(rest, 2 ** 16));
}

async function* frameOf(input: ByteReader, magic: Buffer): AsyncGenerator<Uint8Array> {
  const header = await readHeader(input);
  const output: Uint8Array[] = [];
  const decoder = new Decompress((bytes) => void output.push(bytes));
  const hash = new XxHash64();
  let sizeBytes = 0;
  const decoded = (bytes: Uint8Array, isEnd = false): Uint8Array[] => {
    decoder.push(bytes, isEnd);
    for (const each of output) {
      sizeBytes += each.length;
      if (header.hasChecksum) hash.update(each);
    }
    return output.splice(0);
  };
  yield* decoded(Buffer.concat([magic, header.bytes]));
  for (let isLast = false; !isLast;) {
    const block = await readBlock(input);
    isLast = block.isLast;
    yield* decoded(block.bytes);
  }
  const checksum = await input.take(header.hasChecksum ? 4 : 0);
  yield* decoded(checksum, true);
  if (header.hasChecksum && checksum.readUInt32LE() !== Number(BigInt.asUintN(32, hash.digest())))
    throw new Error('a checksum differs');
  if (header.contentBytes !== null && header.contentBytes !== BigInt(sizeBytes))
    throw new Error(`a frame holds ${sizeBytes} bytes and names ${header.contentBytes}`);
}

interface FrameHeader {
  bytes: Buffer;
  hasChecksum: boolean;
  contentBytes: bigint | null;
}

async function readHeader(input: ByteReader): Promise<FrameHeader> {
  const first = await input.take(1);
  const flags = first.readUInt8();
  if ((flags & 8) !== 0) throw new Error('a reserved bit is set');
  if ((flags & 3) !== 0) throw new Error('it needs a dictionary');
  const isSingleSegment = (flags & 32) !== 0;
  const window = await input.take(isSingleSegment ? 0 : 1);
  const sizeCode = flags >> 6;
  const size = await input.take(sizeCode === 0 ? Number(isSingleSegment) : 1 << sizeCode);
  const contentBytes = contentSize(size);
  const exponent = isSingleSegment ? 0 : window.readUInt8() >> 3;
  const windowBytes = isSingleSegment ? Number(contentBytes) : 2 ** (10 + exponent);
  if (windowBytes > MAX_WINDOW_BYTES)
    throw new Error(`it needs a window of ${windowBytes / 2 ** 20} MiB; compress it without --long`);
  return {
    bytes: Buffer.concat([first, window, size]),
    hasChecksum: (flags & 4) !== 0,
    contentBytes,
  };
}

function contentSize(field: Buffer): bigint | null {
  if (field.length === 0) return null;
  if (field.length === 8) return field.readBigUInt64LE();
  return BigInt(field.readUIntLE(0, field.length) + (field.length === 2 ? 256 : 0));
}

async function readBlock(input: ByteReader): Promise<{ bytes: Buffer; isLast: boolean }> {
  const header = await input.take(3);
  const bits = header.readUIntLE(0, 3);
  const type = (bits >> 1) & 3;
  const sizeBytes = bits >> 3;
  if (type > BLOCK_TYPE.compressed || sizeBytes > 2 ** 17) throw new Error('a block header is wrong');
  const content = await input.take(type === BLOCK_TYPE.rle ? 1 : sizeBytes);
  return { bytes: Buffer.concat([header, content]), isLast: (bits & 1) === 1 };
}

/** Takes exact numbers of bytes from a stream of chunks. */
class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  async take(numBytes: number): Promise<Buffer> {
    const bytes = await this.takeAtMost(numBytes);
    if (bytes.length < numBytes) throw new Error('it is cut off');
    return bytes;
  }

  /** Fewer bytes only at the end. */
  async takeAtMost(numBytes: number): Promise<Buffer> {
    while (this.#rest.length < numBytes) {
      const next = await this.#chunks.next();
      if (next.done === true) break;
      this.#rest = Buffer.concat([this.#rest, next.value]); // copies, so that the giver may use its chunk again
    }
    const bytes = this.#rest.subarray(0, numBytes);
    this.#rest = this.#rest.subarray(numBytes);
    return bytes;
  }
}
