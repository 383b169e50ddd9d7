import { AssayError, sha256OfJson } from '@assay/core';
import { categoryId, categorySize } from './category-vocabulary.js';
import { decodeImage, imageInputOf } from './decode-image.js';
import { ImageCache } from './image-cache.js';
import { measureImage } from './measure-image.js';
import type { InputArray, InputName, InputSpec, InputSpecs, ModelInputs } from './model-input.js';
import { encodeNumeric, FEATURES_PER_COLUMN } from './numeric-scaler.js';
import { parsePreprocessorState, type PreprocessorState } from './preprocessor-state.js';
import type { ContentRecord, UnreadRecord } from './record.js';
import { decodeSlots } from './slots.js';
import { createTextEncoder, type TextEncoder } from './text-encoder.js';
import { readTextFields } from './text-fields.js';

const CHANNELS = 3;
export interface PreprocessorOptions {
  /** Where decoded images are remembered; it must decode to the size of this preprocessor. Default: nowhere. */
  imageCache?: ImageCache;
}

export interface EncodeOptions {
  /**
   * Most pixels that the images may have together, by their headers, which are all read before one is decoded.
   * Default: any number, for files of one's own.
   */
  maxPixels?: number;
}

/** One image of a record. */
interface RecordImage {
  /** Its bytes, or what reads them. */
  source: Uint8Array | (() => Promise<Uint8Array>);
  /** Id of the record. */
  id: string;
  position: number;
}

/** A fitted map from records to model input: the same code and numbers in training and in serving. */
export class Preprocessor {
  /** Dtype and axes of every input that it makes. */
  readonly inputSpecs: InputSpecs;
  /** Number of ids of every categorical column (0 missing, 1 unknown, then the values), in the order of the axis C. */
  readonly categorySizes: readonly number[];
  /** Number of token ids: every id of `token_BL` is in [0, vocabularySize). 0 without text input. */
  readonly vocabularySize: number;
  /** SHA-256 of its canonical JSON. */
  readonly digest: string;
  readonly #state: PreprocessorState;
  readonly #textEncoder: TextEncoder | undefined;
  readonly #images: ImageCache;

  /** @throws CONFIG_INVALID when the tokeniser of the state cannot be used */
  constructor(state: PreprocessorState, { imageCache }: PreprocessorOptions = {}) {
    this.#state = state;
    this.#textEncoder = state.text === null ? undefined : createTextEncoder(state.text);
    this.vocabularySize = this.#textEncoder?.vocabularySize ?? 0;
    this.inputSpecs = inputSpecsOf(state);
    this.categorySizes = state.categorical.columns.map(categorySize);
    this.digest = sha256OfJson(state);
    const input = imageInputOf(state.image ?? undefined, state.image?.maxImagePixels ?? 1);
    this.#images = imageCache ?? new ImageCache(0, (bytes) => decodeImage(bytes, input));
  }

  /** @throws FILE_CORRUPT when the value is not a preprocessor of this version */
  static fromJSON(value: unknown, options: PreprocessorOptions = {}): Preprocessor {
    return new Preprocessor(parsePreprocessorState(value), options);
  }

  /** The content of `preprocessor.json`. */
  toJSON(): PreprocessorState {
    return this.#state;
  }

  /**
   * Encodes one record. Images that are still to be read are read in the slot in which they are decoded.
   *
   * @returns inputs with B = 1
   * @throws IMAGE_INVALID or IMAGE_TOO_LARGE, naming the record and the position of the image
   */
  async encode(record: ContentRecord | UnreadRecord): Promise<ModelInputs> {
    const [row = {}] = await this.#encodeRows([record]);
    return row;
  }

  /**
   * Encodes records below each other; row b is exactly what `encode` gives for record b. It never settles while an image
   * of these records is still being decoded, and after a broken one it begins no other.
   *
   * @throws IMAGE_INVALID or IMAGE_TOO_LARGE, naming the record and the position of the image
   * @throws IMAGE_TOO_LARGE when the images have more than `maxPixels` together
   */
  async encodeBatch(records: readonly ContentRecord[], options: EncodeOptions = {}): Promise<ModelInputs> {
    return stackRows(this.inputSpecs, await this.#encodeRows(records, options));
  }

  async #encodeRows(
    records: readonly (ContentRecord | UnreadRecord)[],
    { maxPixels }: EncodeOptions = {},
  ): Promise<ModelInputs[]> {
    const { maxImages = 0, maxImagePixels = 0 } = this.#state.image ?? {};
    const images = records.flatMap(({ id, images }) =>
      images.slice(0, maxImages).map((source, position): RecordImage => ({ source, id, position })),
    );
    if (maxPixels !== undefined) await assertFewPixels(images, { maxPixels, maxImagePixels });
    const decoded = await decodeSlots.map(images, async (image) => {
      try {
        return await this.#images.get(await bytesOf(image));
      } catch (error) {
        throw located(error, image);
      }
    });
    let next = 0;
    return records.map((record) => {
      const from = next;
      next += Math.min(record.images.length, maxImages);
      return this.#encodeRow(record, decoded.slice(from, next));
    });
  }

  /** @param images image_HWC of each image that the model sees */
  #encodeRow(record: Omit<ContentRecord, 'images'>, images: readonly Uint8Array[]): ModelInputs {
    const { text, numeric, categorical } = this.#state;
    const inputs: ModelInputs = {};
    const put = (name: InputName, data: InputArray['data']): void => {
      const spec = this.inputSpecs[name];
      if (spec !== undefined) inputs[name] = { dtype: spec.dtype, shape: [1, ...spec.shape], data };
    };
    const fields = text === null ? undefined : readTextFields(record.text, text);
    if (fields !== undefined) {
      const { token_L, mask_L } = this.#tokensOf(fields.texts);
      put('token_BL', token_L);
      put('mask_BL', mask_L);
    }
    const { image_IHWC, imageMask_I } = this.#stackImages(images);
    put('image_BIHWC', image_IHWC);
    put('imageMask_BI', imageMask_I);
    const changes = fields?.changes ?? [];
    put('numeric_BF', Float32Array.from([...encodeNumeric(record.numeric, numeric.columns), ...changes]));
    const categories = categorical.columns.map((column) =>
      categoryId(record.categorical[column.name], column),
    );
    put('category_BC', Int32Array.from(categories));
    const isTextPresent = fields?.isPresent === true;
    const isTabularPresent =
      numeric.columns.some(({ name }) => (record.numeric[name] ?? null) !== null) ||
      categories.some((id) => id !== 0) ||
      (isTextPresent && changes.length > 0);
    const present = [isTextPresent, images.length > 0, isTabularPresent];
    put('present_BM', Float32Array.from(present, Number));
    return inputs;
  }

  /** @param texts the view of each field */
  #tokensOf(texts: readonly string[]): { token_L: Int32Array; mask_L: Float32Array } {
    const { maxTokens = 0 } = this.#state.text ?? {};
    const ids = this.#textEncoder?.encode(texts) ?? [];
    const token_L = new Int32Array(maxTokens).fill(this.#textEncoder?.padId ?? 0);
    token_L.set(ids);
    return { token_L, mask_L: new Float32Array(maxTokens).fill(1, 0, ids.length) };
  }

  #stackImages(images: readonly Uint8Array[]): { image_IHWC: Uint8Array; imageMask_I: Float32Array } {
    const { maxImages, height, width } = this.#state.image ?? { maxImages: 0, height: 0, width: 0 };
    const size = height * width * CHANNELS;
    const image_IHWC = new Uint8Array(maxImages * size);
    for (const [position, pixels] of images.entries()) image_IHWC.set(pixels, position * size);
    return { image_IHWC, imageMask_I: new Float32Array(maxImages).fill(1, 0, images.length) };
  }
}

/** @throws IMAGE_TOO_LARGE at the image that makes it too many */
async function assertFewPixels(
  images: readonly RecordImage[],
  { maxPixels, maxImagePixels }: { maxPixels: number; maxImagePixels: number },
): Promise<void> {
  let numPixels = 0;
  await decodeSlots.map(images, async (image) => {
    const more = await measureImage(await bytesOf(image), maxImagePixels).catch((error: unknown) => {
      throw located(error, image);
    });
    numPixels += more;
    if (numPixels <= maxPixels) return;
    throw new AssayError(
      'IMAGE_TOO_LARGE',
      `With ${pathOf(image)} the images have more than ${maxPixels} pixels together; no more are decoded at once. Fix: send fewer of them, or smaller ones.`,
      { details: { maxPixels } },
    );
  });
}

const bytesOf = async ({ source }: RecordImage): Promise<Uint8Array> =>
  typeof source === 'function' ? source() : source;

const pathOf = ({ id, position }: RecordImage): string => `${id}.images[${position}]`;

/** The same error with the record and the image in front. */
function located(error: unknown, image: RecordImage): unknown {
  if (!(error instanceof AssayError)) return error;
  const { id, position } = image;
  return new AssayError(error.code, `${pathOf(image)}: ${error.message}`, {
    cause: error,
    details: { ...error.details, id, position },
  });
}

/**
 * Puts encoded records below each other along the axis B.
 *
 * @param specs the inputs to stack
 * @param rows each with B = 1
 */
export function stackRows(specs: InputSpecs, rows: readonly ModelInputs[]): ModelInputs {
  const stacked: ModelInputs = {};
  for (const [name, { dtype, shape }] of Object.entries(specs) as [InputName, InputSpec][]) {
    // the keys of InputSpecs
    const size = shape.reduce((product, axis) => product * axis, 1);
    const data = emptyArray(dtype, rows.length * size);
    for (const [b, row] of rows.entries()) data.set(row[name]?.data ?? [], b * size);
    stacked[name] = { dtype, shape: [rows.length, ...shape], data };
  }
  return stacked;
}

function emptyArray(dtype: InputSpec['dtype'], length: number): InputArray['data'] {
  if (dtype === 'uint8') return new Uint8Array(length);
  return dtype === 'int32' ? new Int32Array(length) : new Float32Array(length);
}

function inputSpecsOf({ text, image, numeric, categorical }: PreprocessorState): InputSpecs {
  const specs: InputSpecs = {};
  if (text !== null) {
    specs.token_BL = { dtype: 'int32', shape: [text.maxTokens] };
    specs.mask_BL = { dtype: 'float32', shape: [text.maxTokens] };
  }
  if (image !== null) {
    specs.image_BIHWC = { dtype: 'uint8', shape: [image.maxImages, image.height, image.width, CHANNELS] };
    specs.imageMask_BI = { dtype: 'float32', shape: [image.maxImages] };
  }
  const numFeatures = FEATURES_PER_COLUMN * numeric.columns.length + (text?.changes.length ?? 0);
  if (numFeatures > 0) specs.numeric_BF = { dtype: 'float32', shape: [numFeatures] };
  if (categorical.columns.length > 0)
    specs.category_BC = { dtype: 'int32', shape: [categorical.columns.length] };
  specs.present_BM = { dtype: 'float32', shape: [3] };
  return specs;
}
