import type { ModelConfig } from '@assay/config';
import { embeddingBag } from './encoders/embedding-bag.js';
import type { Encoder, EncoderFacts } from './encoders/encoder.js';
import { smallConv } from './encoders/small-conv.js';
import { tabular } from './encoders/tabular.js';
import { concat } from './fusion/concat.js';
import type { FusionFactory } from './fusion/fusion.js';
import type { LabelKind } from './losses/element-weights.js';
import type { Loss } from './losses/loss.js';
import { multiClassLoss } from './losses/multi-class.js';
import { multiLabelLoss } from './losses/multi-label.js';

type Section<M extends 'text' | 'image'> = NonNullable<ModelConfig[M]>;

/** To add an encoder: one file beside the others, its name in the config schema, one line here. The contract test finds it. */
export const TEXT_ENCODERS: Record<
  Section<'text'>['encoder'],
  (config: Section<'text'>, facts: EncoderFacts) => Encoder
> = {
  'embedding-bag': embeddingBag,
};

export const IMAGE_ENCODERS: Record<
  Section<'image'>['encoder'],
  (config: Section<'image'>, facts: EncoderFacts) => Encoder
> = {
  'small-conv': smallConv,
};

export const FUSIONS: Record<ModelConfig['fusion'], FusionFactory> = { concat };

export const LOSSES: Record<LabelKind, Loss> = {
  'multi-label': multiLabelLoss,
  'multi-class': multiClassLoss,
};

/** The encoders that a config asks for, in the order of the axis M. */
export function encodersOf(model: ModelConfig, facts: EncoderFacts): Encoder[] {
  const encoders: Encoder[] = [];
  if (model.text !== undefined) encoders.push(TEXT_ENCODERS[model.text.encoder](model.text, facts));
  if (model.image !== undefined) encoders.push(IMAGE_ENCODERS[model.image.encoder](model.image, facts));
  if (model.tabular !== undefined) encoders.push(tabular(model.tabular, facts));
  return encoders;
}
