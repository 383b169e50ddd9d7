import type { PreprocessConfig } from '@assay/config';
import sharp from 'sharp';
import { decodePixels } from './images/decode-pixels.js';
import type { ImageSides, RgbImage } from './images/image-shape.js';
import { resizeImage, type ResizePolicy } from './images/resize-policy.js';

/** What decodes images, with its version: another one may round differently. */
export const IMAGE_DECODER = `sharp ${sharp.versions.sharp}, libvips ${sharp.versions.vips}`;

export type ImageConfig = NonNullable<PreprocessConfig['image']>;

/** How the model sees an image. */
export interface ImageInput extends Pick<
  ImageConfig,
  'height' | 'width' | 'resize' | 'filter' | 'shrinkOnLoad'
> {
  /** Images with more pixels are refused before they are decoded. */
  maxImagePixels: number;
}

/** The part of it that says how a decoded image is resized. */
type ResizedInput = Pick<ImageInput, 'height' | 'width' | 'resize' | 'filter'>;

/**
 * How the model of a config sees images, as the fitted preprocessor decodes them.
 *
 * @param config left out for a model without image input
 */
export const imageInputOf = (
  config: Omit<ImageConfig, 'maxImages'> | undefined,
  maxImagePixels: number,
): ImageInput =>
  config === undefined
    ? {
        height: 1,
        width: 1,
        maxImagePixels,
        resize: { fit: 'stretch' },
        filter: 'nearest',
        shrinkOnLoad: false,
      }
    : { ...config, maxImagePixels };

/**
 * Decodes an image to the pixels that the model sees: upright by its EXIF orientation, transparency laid on white,
 * sRGB, resized by Pillow's resampler as the policy says. Of an animation, the first frame.
 *
 * @param bytes an encoded image
 * @returns image_HWC uint8 RGB
 * @throws IMAGE_INVALID when the bytes are no image of a known format, or are damaged
 * @throws IMAGE_TOO_LARGE when it has more than `maxImagePixels`
 */
export async function decodeImage(bytes: Uint8Array, input: ImageInput): Promise<Uint8Array> {
  const { maxImagePixels, shrinkOnLoad } = input;
  const options = shrinkOnLoad ? { maxImagePixels, shrinkOnLoad: leastSides(input) } : { maxImagePixels };
  return resizeForModel(await decodePixels(bytes, options), input);
}

/** So large that no policy enlarges what was decoded smaller. */
function leastSides({ height, width, resize }: ImageInput): ImageSides {
  const edge = resize.fit === 'cover' ? (resize.shortestEdge ?? 0) : 0;
  const side = Math.max(height, width, edge);
  return { height: side, width: side };
}

/**
 * `decodeImage` of an image that is already decoded.
 *
 * @returns image_HWC uint8 RGB
 */
export const resizeForModel = (image: RgbImage, input: ResizedInput): Uint8Array =>
  resizeImage(image, policyOf(input)).pixels;

function policyOf({ height, width, resize, filter }: ResizedInput): ResizePolicy {
  return { height, width, filter, ...resize };
}
