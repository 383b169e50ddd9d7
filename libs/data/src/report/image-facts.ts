import { AssayError, throwIfInterrupted, type Random } from '@assay/core';
import sharp from 'sharp';
import type { PreparedRecord } from '../prepared-record.js';
import type { DataReportOptions } from './data-report-options.js';
import { Reservoir } from './reservoir.js';

/** Height and width of an image as it is shown. */
export interface ImageSize {
  width: number;
  height: number;
  /** Images of the sample that have it. */
  count: number;
}

export interface ImageFacts {
  /** Images of all records. */
  total: number;
  /** Records by their number of images; the last entry counts those with that many or more. */
  perRecord: number[];
  /** Images that were measured. */
  sampled: number;
  /** Of these, images whose header cannot be read. */
  unreadable: number;
  sizes: ImageSize[];
  formats: { format: string; count: number }[];
  /** Bytes of the files: smallest, median, largest. Null when none was measured. */
  fileBytes: { min: number; median: number; max: number } | null;
}

const SAMPLE_SIZE = 2_000;
const MOST_PER_RECORD = 10;
/** Files in memory at a time. */
const AT_ONCE = 16;

/** Counts the images of records, and measures a sample of them by their headers. */
export class ImageSample {
  readonly #paths: Reservoir<string>;
  #total = 0;
  readonly #perRecord = new Array<number>(MOST_PER_RECORD + 1).fill(0);

  constructor(random: Random) {
    this.#paths = new Reservoir(SAMPLE_SIZE, random);
  }

  /** Images that the model does not see are counted, but nobody has looked at them, so they are not measured. */
  add({ images, imageDigests }: Pick<PreparedRecord, 'images' | 'imageDigests'>): void {
    const slot = Math.min(images.length, MOST_PER_RECORD);
    this.#perRecord[slot] = (this.#perRecord[slot] ?? 0) + 1;
    this.#total += images.length;
    for (const path of images.slice(0, imageDigests.length)) this.#paths.add(() => path);
  }

  async measure({ readImage, signal }: Pick<DataReportOptions, 'readImage' | 'signal'>): Promise<ImageFacts> {
    const paths = readImage === undefined ? [] : this.#paths.items;
    const measured: Measured[] = [];
    for (let start = 0; readImage !== undefined && start < paths.length; start += AT_ONCE) {
      throwIfInterrupted(signal);
      const chunk = paths.slice(start, start + AT_ONCE);
      measured.push(...(await Promise.all(chunk.map((path) => measureImageFile(path, readImage)))));
    }
    const readable = measured.flatMap((image) => image ?? []);
    const bytes = readable.map(({ sizeBytes }) => sizeBytes).sort((a, b) => a - b);
    const [min, median, max] = [bytes[0], bytes[Math.floor((bytes.length - 1) / 2)], bytes.at(-1)];
    return {
      total: this.#total,
      perRecord: this.#perRecord,
      sampled: measured.length,
      unreadable: measured.length - readable.length,
      sizes: tally(readable.map(({ width, height }) => `${width} ${height}`)).map(([key, count]) => {
        const [width = 0, height = 0] = key.split(' ').map(Number);
        return { width, height, count };
      }),
      formats: tally(readable.map(({ format }) => format)).map(([format, count]) => ({ format, count })),
      fileBytes: min === undefined || median === undefined || max === undefined ? null : { min, median, max },
    };
  }
}

type Measured = { width: number; height: number; format: string; sizeBytes: number } | null;

/** @returns null when the file cannot be read as an image */
async function measureImageFile(
  path: string,
  readImage: NonNullable<DataReportOptions['readImage']>,
): Promise<Measured> {
  try {
    const bytes = await readImage(path);
    const { autoOrient, format, compression } = await sharp(bytes, { limitInputPixels: false }).metadata(); // reads the header only
    const isAvif = format === 'heif' && compression === 'av1'; // one container for both
    return { ...autoOrient, format: isAvif ? 'avif' : format, sizeBytes: bytes.length };
  } catch (error) {
    if (error instanceof AssayError && error.code === 'INTERRUPTED') throw error;
    return null; // it was readable when it was checked; a report says so instead of failing
  }
}

/** How often each key occurs, most often first. */
function tally(keys: readonly string[]): [key: string, count: number][] {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
}
