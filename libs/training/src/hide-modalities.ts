import type { Random } from '@assay/core';
import { MODALITIES, type Modality, type ModelInputs } from '@assay/preprocess';

/**
 * Hides one modality of a share of the records, so that the model learns to do without any of them.
 * Only the presence bits change: the model itself zeroes the features of an absent modality.
 *
 * @param modalities those that the model reads: hiding another one would teach it nothing
 * @param rate share of the records, in [0, 1); one with a single modality is left alone
 * @returns the same inputs with other `present_BM`; the given ones are untouched
 */
export function hideModalities(
  inputs: ModelInputs,
  modalities: readonly Modality[],
  rate: number,
  random: Random,
): ModelInputs {
  const present = inputs.present_BM;
  if (rate === 0 || present === undefined) return inputs;
  const [numRecords = 0, numModalities = 0] = present.shape;
  const columns = modalities.map((modality) => MODALITIES.indexOf(modality));
  const data = Float32Array.from(present.data);
  for (let b = 0; b < numRecords; b++) {
    if (!random.bernoulli(rate)) continue;
    const offsets = columns.map((m) => b * numModalities + m).filter((offset) => data[offset] === 1);
    if (offsets.length > 1) data[random.pick(offsets)] = 0;
  }
  return { ...inputs, present_BM: { ...present, data } };
}
