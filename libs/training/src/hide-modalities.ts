import type { Random } from '@assay/core';
import type { ModelInputs } from '@assay/preprocess';

/**
 * Hides one modality of a share of the records, so that the model learns to do without any of them.
 * Only the presence bits change: the model itself zeroes the features of an absent modality.
 *
 * @param rate share of the records, in [0, 1); one with a single modality is left alone
 * @returns the same inputs with other `present_BM`; the given ones are untouched
 */
export function hideModalities(inputs: ModelInputs, rate: number, random: Random): ModelInputs {
  const present = inputs.present_BM;
  if (rate === 0 || present === undefined) return inputs;
  const [numRecords = 0, numModalities = 0] = present.shape;
  const data = Float32Array.from(present.data);
  for (let b = 0; b < numRecords; b++) {
    if (!random.bernoulli(rate)) continue;
    const offsets = Array.from({ length: numModalities }, (_, m) => b * numModalities + m).filter(
      (offset) => data[offset] === 1,
    );
    if (offsets.length > 1) data[random.pick(offsets)] = 0;
  }
  return { ...inputs, present_BM: { ...present, data } };
}
