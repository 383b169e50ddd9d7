import type { TrainConfig } from '@assay/config';
import type { AugmentOptions } from '@assay/preprocess';

/** What the config says of images, with nothing for what it leaves out. */
export function augmentOptionsOf({
  crop,
  flip,
  colorJitter,
  randAugment,
  cutout,
}: NonNullable<TrainConfig['augment']>): AugmentOptions {
  return {
    flip,
    ...(crop && { crop }),
    ...(colorJitter && { colorJitter }),
    ...(randAugment && { randAugment }),
    ...(cutout && { cutout }),
  };
}
