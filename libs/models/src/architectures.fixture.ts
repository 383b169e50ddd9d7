import type { ModelConfig } from '@assay/config';
import type { Random } from '@assay/core';
import type { InputName, InputSpecs } from '@assay/preprocess';
import { tf } from '@assay/tensorflow';
import type { Architecture } from './create-model.js';
import type { InputTensors } from './encoders/encoder.js';
import type { LabelKind } from './losses/element-weights.js';
import { FUSIONS, IMAGE_ENCODERS, LOSSES, TEXT_ENCODERS } from './registry.js';

/** L=5, I=2, H=8, W=12, C=3, F=6, categorical columns 2, M=3; V=11, K=3 or 4: all axes differ where they can. */
export const INPUTS: InputSpecs = {
  token_BL: { dtype: 'int32', shape: [5] },
  mask_BL: { dtype: 'float32', shape: [5] },
  image_BIHWC: { dtype: 'uint8', shape: [2, 8, 12, 3] },
  imageMask_BI: { dtype: 'float32', shape: [2] },
  numeric_BF: { dtype: 'float32', shape: [6] },
  category_BC: { dtype: 'int32', shape: [2] },
  present_BM: { dtype: 'float32', shape: [3] },
};

const CLASSES: Record<LabelKind, string[]> = {
  'multi-label': ['p', 'q', 'r'],
  'multi-class': ['a', 'b', 'c', 'd'],
};

export function architectureOf(kind: LabelKind, config: Partial<ModelConfig>): Architecture {
  const model: ModelConfig = { fusion: 'concat', hiddenDim: 16, dropout: 0.1, modalityDropout: 0, ...config };
  return {
    model,
    inputs: INPUTS,
    vocabularySize: 11,
    categorySizes: [4, 7],
    labels: { kind, names: CLASSES[kind] },
  };
}

/** One case per registered encoder and loss, and one with everything. A new registry line is a new case. */
export function architectures(): [string, Architecture][] {
  const text = Object.keys(TEXT_ENCODERS).map(
    (encoder) => ({ text: { encoder, dim: 10 } }) as Partial<ModelConfig>,
  );
  const image = Object.keys(IMAGE_ENCODERS).map(
    (encoder) => ({ image: { encoder, channels: [6, 9] } }) as Partial<ModelConfig>,
  );
  const tabular: Partial<ModelConfig> = { tabular: { dim: 13, categoryDim: 3 } };
  const all = Object.keys(FUSIONS).map(
    (fusion) => ({ ...text[0], ...image[0], ...tabular, fusion }) as Partial<ModelConfig>,
  );
  const kinds = Object.keys(LOSSES) as LabelKind[];
  return [...text, ...image, tabular, ...all].flatMap((config) =>
    kinds.map((kind): [string, Architecture] => [
      `${kind} ${JSON.stringify(config)}`,
      architectureOf(kind, config),
    ]),
  );
}

/** Random values for every input; every record has all modalities. */
export function randomInputs(names: readonly string[], batchSize: number, random: Random): InputTensors {
  return Object.fromEntries(
    names.map((name) => {
      const spec = INPUTS[name as InputName]!;
      const draw = (): number => {
        if (name === 'token_BL') return 1 + random.integer(10);
        if (name === 'category_BC') return random.integer(4);
        if (name === 'image_BIHWC') return random.integer(256);
        return name === 'numeric_BF' ? random.normal() : 1;
      };
      const shape = [batchSize, ...spec.shape];
      const size = shape.reduce((product, length) => product * length, 1);
      return [
        name,
        tf.tensor(Array.from({ length: size }, draw), shape, spec.dtype === 'float32' ? 'float32' : 'int32'),
      ];
    }),
  );
}

/** Labels of four records of which no two are equal. */
export function fourLabels(kind: LabelKind): number[][] {
  return kind === 'multi-class'
    ? [
        [1, 0, 0, 0],
        [0, 1, 0, 0],
        [0, 0, 1, 0],
        [0, 0, 0, 1],
      ]
    : [
        [1, 0, 0],
        [0, 1, 0],
        [1, 1, 0],
        [0, 0, 1],
      ];
}
