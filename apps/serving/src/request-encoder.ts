import type { ContentRecord, ModelInputs, Preprocessor } from '@assay/preprocess';

/**
 * Pixels that the images of one request may have together: five photos of a phone, or a hundred as the web shows them.
 * A few bytes can stand for millions of pixels, so the bytes of the body bound nothing.
 */
export const MAX_REQUEST_PIXELS = 64_000_000;

/**
 * Makes the function that encodes the records of one request.
 *
 * @returns a function that throws IMAGE_TOO_LARGE when the images have more than 64 megapixels together (or more than
 * the largest single image that the model was trained with, where that is more), before any is decoded
 */
export function requestEncoder(
  preprocessor: Preprocessor,
): (records: readonly ContentRecord[]) => Promise<ModelInputs> {
  const maxPixels = Math.max(MAX_REQUEST_PIXELS, preprocessor.toJSON().image?.maxImagePixels ?? 0);
  return (records) => preprocessor.encodeBatch(records, { maxPixels });
}
