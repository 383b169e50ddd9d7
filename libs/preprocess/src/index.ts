export type { ContentRecord, LabelledRecord, RecordMetadata, UnreadRecord } from './record.js';
export {
  MODALITIES,
  pickInputs,
  type InputArray,
  type InputDtype,
  type InputName,
  type InputSpec,
  type InputSpecs,
  type Modality,
  type ModelInputs,
} from './model-input.js';
export { Preprocessor, stackRows, type EncodeOptions, type PreprocessorOptions } from './preprocessor.js';
export { verifyProbe } from './probe.js';
export { fitPreprocessor, type FitConfig, type FitOptions } from './fit-preprocessor.js';
export { FEATURES_PER_COLUMN } from './numeric-scaler.js';
export type { PreprocessorState } from './preprocessor-state.js';
export { ImageCache } from './image-cache.js';
export { decodeImage, IMAGE_DECODER, imageInputOf, resizeForModel, type ImageInput } from './decode-image.js';
export { augment, augmentRandom, type AugmentOptions } from './images/augment.js';
export { colorDistance, colorLayout } from './images/color-layout.js';
export { decodePixels, type DecodeOptions } from './images/decode-pixels.js';
export { hammingDistance } from './images/hamming-distance.js';
export type { RgbImage } from './images/image-shape.js';
export { hashImage, type ImageHashes } from './images/perceptual-hash.js';
export { pixelDigest } from './images/pixel-digest.js';
export {
  compactText,
  foldedText,
  TEXT_VIEWS_VERSION,
  textViews,
  type TextChanges,
  type TextViews,
} from './text-views/text-views.js';
export { decodeSlots } from './slots.js';
export { renderMessages } from './render-messages.js';
