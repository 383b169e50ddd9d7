/** Dtype of a model input as the engine takes it; `uint8` is widened to int32 when it is fed. */
export type InputDtype = 'float32' | 'int32' | 'uint8';

/** Name of a model input; the suffix lists its axes: B batch, L tokens, I images, H height, W width, C channels, F features, M modalities. */
export type InputName =
  'token_BL' | 'mask_BL' | 'image_BIHWC' | 'imageMask_BI' | 'numeric_BF' | 'category_BC' | 'present_BM';

export interface InputSpec {
  dtype: InputDtype;
  /** Sizes of the axes after B. */
  shape: readonly number[];
}

/** The inputs that a preprocessor makes, by name. A modality that the config leaves out has no input. */
export type InputSpecs = Partial<Record<InputName, InputSpec>>;

/** One input of a batch, row-major. */
export interface InputArray {
  dtype: InputDtype;
  /** All axes, B first. */
  shape: readonly number[];
  data: Float32Array | Int32Array | Uint8Array;
}

/** Encoded records: what the model is fed with, in training and in serving alike. */
export type ModelInputs = Partial<Record<InputName, InputArray>>;

/**
 * The inputs that a model takes, of those that a batch has.
 *
 * @param wanted an object whose keys are the names of the inputs
 * @returns no entry for an input that the batch lacks
 */
export function pickInputs(wanted: object, inputs: ModelInputs): Record<string, InputArray> {
  const entries: [string, InputArray][] = Object.entries(inputs);
  return Object.fromEntries(entries.filter(([name]) => name in wanted));
}

/** Order of the axis M of `present_BM`. */
export const MODALITIES = ['text', 'image', 'tabular'] as const;
export type Modality = (typeof MODALITIES)[number];
