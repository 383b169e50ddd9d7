import { AssayError, sha256OfJson } from '@assay/core';
import type { InputArray, InputName, ModelInputs } from './model-input.js';
import { Preprocessor } from './preprocessor.js';
import type { FittedState, Probe } from './preprocessor-state.js';
import { probeDifference } from './probe-difference.js';
import { PROBE_PHOTO_PIXELS, PROBE_PHOTOS } from './probe-photos.js';
import { probeRecords } from './probe-records.js';

/** Most points at which a photo is kept along each axis. */
const GRID = 24;

const NO_PROBE: Probe = {
  version: 1,
  token_BL: [],
  image_BIHWC: [],
  numeric_BF: [],
  category_BC: [],
  present_BM: [],
};

/**
 * Encodes the made-up records, to be kept beside what was fitted.
 *
 * @throws IMAGE_INVALID when this machine cannot decode a photo
 */
export async function encodeProbe(fitted: FittedState): Promise<Probe> {
  const { image } = fitted;
  const roomy =
    image === null ? null : { ...image, maxImagePixels: Math.max(PROBE_PHOTO_PIXELS, image.maxImagePixels) };
  const encoder = new Preprocessor({ ...fitted, image: roomy, probe: NO_PROBE });
  const rows: ModelInputs[] = [];
  for (const record of probeRecords(fitted)) rows.push(await encoder.encode(record));
  const ofEach = <T>(name: InputName, view: (input: InputArray, row: ModelInputs) => T): T[] =>
    rows.flatMap((row) => {
      const input = row[name];
      return input === undefined ? [] : [view(input, row)];
    });
  const numbers = ({ data }: InputArray): number[] => Array.from(data);
  return {
    version: 1,
    token_BL: ofEach('token_BL', ({ data }, { mask_BL }) =>
      sha256OfJson([Array.from(data), Array.from(mask_BL?.data ?? [])]).slice(0, 16),
    ),
    image_BIHWC: ofEach('image_BIHWC', pointsOf).slice(0, PROBE_PHOTOS.length),
    numeric_BF: ofEach('numeric_BF', ({ data }) => Array.from(data, (value) => Number(value.toPrecision(9)))),
    category_BC: ofEach('category_BC', numbers),
    present_BM: ofEach('present_BM', numbers),
  };
}

/** Pixels of the first image at the points of a grid, in base64: not averaged, so that edges tell which kernel resized. */
function pointsOf({ shape, data }: InputArray): string {
  const [, , height = 0, width = 0, channels = 0] = shape;
  const places = (size: number): number[] => {
    const count = Math.min(GRID, size);
    return Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * size) / count));
  };
  const columns = places(width);
  const points = places(height).flatMap((y) =>
    columns.flatMap((x) => {
      const at = (y * width + x) * channels;
      return Array.from(data.subarray(at, at + channels));
    }),
  );
  return Buffer.from(points).toString('base64');
}

/**
 * Encodes the made-up records again and compares with what the fitted preprocessor gave: texts and categories exactly,
 * numbers to 1e-6, pixels to 2 levels. Golden outputs start from encoded records; only this shows that the code, the
 * Unicode library and the image decoder of this process make the same model input of a record as those of the training.
 *
 * @throws GOLDEN_MISMATCH naming the input that differs
 */
export async function verifyProbe(preprocessor: Preprocessor): Promise<void> {
  const { probe: expected, ...fitted } = preprocessor.toJSON();
  let actual: Probe;
  try {
    actual = await encodeProbe(fitted);
  } catch (error) {
    if (!(error instanceof AssayError)) throw error;
    throw mismatch(error.message, error);
  }
  const difference = probeDifference(expected, actual);
  if (difference !== undefined) throw mismatch(difference);
}

function mismatch(what: string, cause?: unknown): AssayError {
  return new AssayError(
    'GOLDEN_MISMATCH',
    `The preprocessor does not make the model input that it made when it was fitted: ${what}. Fix: use the version of assay, Node and sharp that prepared the data; else prepare, train and publish again.`,
    { cause },
  );
}
