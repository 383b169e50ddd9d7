import { AssayError, sha256OfJson } from '@assay/core';
import { categoryId, categorySize } from './category-vocabulary.js';
import { decodeImage } from './decode-image.js';
import { ImageCache } from './image-cache.js';
import type { InputArray, InputName, InputSpec, InputSpecs, ModelInputs } from './model-input.js';
import { encodeNumeric } from './numeric-scaler.js';
import { parsePreprocessorState, type PreprocessorState } from './preprocessor-state.js';
import type { ContentRecord } from './record.js';
import { encodeText } from './text-encoder.js';

const CHANNELS = 3;
/** Size for a preprocessor without image input, which never decodes one. */
const NO_IMAGE = { height: 1, width: 1, maxImagePixels: 1 };

export interface PreprocessorOptions {
  /** Where decoded images are remembered; it must decode to the size of this preprocessor. Default: nowhere. */
  imageCache?: ImageCache;
}

/** A fitted map from records to model input: the same code and numbers in training and in serving. */
export class Preprocessor {
  /** Dtype and axes of every input that it makes. */
  readonly inputSpecs: InputSpecs;
  /** Number of ids of every categorical column (0 missing, 1 unknown, then the values), in the order of the axis C. */
  readonly categorySizes: readonly number[];
  /** SHA-256 of its canonical JSON. */
  readonly digest: string;
  readonly #state: PreprocessorState;
  readonly #images: ImageCache;

  constructor(state: PreprocessorState, { imageCache }: PreprocessorOptions = {}) {
    this.#state = state;
    this.inputSpecs = inputSpecsOf(state);
    this.categorySizes = state.categorical.columns.map(categorySize);
    this.digest = sha256OfJson(state);
    const { image } = state;
    this.#images = imageCache ?? new ImageCache(0, (bytes) => decodeImage(bytes, image ?? NO_IMAGE));
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
   * Encodes one record.
   *
   * @returns inputs with B = 1
   * @throws IMAGE_INVALID or IMAGE_TOO_LARGE, naming the record and the position of the image
   */
  async encode(record: ContentRecord): Promise<ModelInputs> {
    const { text, numeric, categorical } = this.#state;
    const inputs: ModelInputs = {};
    const put = (name: InputName, data: InputArray['data']): void => {
      const spec = this.inputSpecs[name];
      if (spec !== undefined) inputs[name] = { dtype: spec.dtype, shape: [1, ...spec.shape], data };
    };
    const encodedText = text === null ? undefined : encodeText(record.text, text);
    if (encodedText !== undefined) {
      put('token_BL', encodedText.token_L);
      put('mask_BL', encodedText.mask_L);
    }
    const images = await this.#encodeImages(record);
    put('image_BIHWC', images.image_IHWC);
    put('imageMask_BI', images.imageMask_I);
    put('numeric_BF', encodeNumeric(record.numeric, numeric.columns, numeric.scaling));
    const categories = categorical.columns.map((column) =>
      categoryId(record.categorical[column.name], column),
    );
    put('category_BC', Int32Array.from(categories));
    const isTabularPresent =
      numeric.columns.some(({ name }) => (record.numeric[name] ?? null) !== null) ||
      categories.some((id) => id !== 0);
    put(
      'present_BM',
      Float32Array.of(
        Number(encodedText?.isPresent === true),
        Number((images.imageMask_I[0] ?? 0) > 0),
        Number(isTabularPresent),
      ),
    );
    return inputs;
  }

  /**
   * Encodes records below each other; row b is exactly what `encode` gives for record b.
   *
   * @throws IMAGE_INVALID or IMAGE_TOO_LARGE, naming the record and the position of the image
   */
  async encodeBatch(records: readonly ContentRecord[]): Promise<ModelInputs> {
    const rows = await Promise.all(records.map((record) => this.encode(record)));
    return stackRows(this.inputSpecs, rows);
  }

  async #encodeImages({
    id,
    images,
  }: ContentRecord): Promise<{ image_IHWC: Uint8Array; imageMask_I: Float32Array }> {
    const { image } = this.#state;
    if (image === null) return { image_IHWC: new Uint8Array(0), imageMask_I: new Float32Array(0) };
    const size = image.height * image.width * CHANNELS;
    const image_IHWC = new Uint8Array(image.maxImages * size);
    const imageMask_I = new Float32Array(image.maxImages);
    const decoded = await Promise.all(
      images.slice(0, image.maxImages).map((bytes, position) =>
        this.#images.get(bytes).catch((error: unknown) => {
          throw located(error, id, position);
        }),
      ),
    );
    for (const [position, pixels] of decoded.entries()) {
      image_IHWC.set(pixels, position * size);
      imageMask_I[position] = 1;
    }
    return { image_IHWC, imageMask_I };
  }
}

/** The same error with the record and the image in front. */
function located(error: unknown, id: string, position: number): unknown {
  if (!(error instanceof AssayError)) return error;
  return new AssayError(error.code, `Image ${position + 1} of record '${id}': ${error.message}`, {
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
  if (numeric.columns.length > 0)
    specs.numeric_BF = { dtype: 'float32', shape: [2 * numeric.columns.length] };
  if (categorical.columns.length > 0)
    specs.category_BC = { dtype: 'int32', shape: [categorical.columns.length] };
  specs.present_BM = { dtype: 'float32', shape: [3] };
  return specs;
}
