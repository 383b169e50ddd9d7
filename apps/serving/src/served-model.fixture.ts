import type { OperatingPoints } from '@assay/policy';
import type { ContentRecord, InputSpecs, ModelInputs } from '@assay/preprocess';
import type { ModelOutput } from '@assay/registry';
import { BatchingQueue } from './batching-queue.js';
import type { ModelRunner } from './model-runner.js';
import type { ServedModel } from './served-model.js';

export const inputSpecs: InputSpecs = {
  token_BL: { dtype: 'int32', shape: [3] },
  image_BIHWC: { dtype: 'uint8', shape: [1, 2, 1, 3] },
  numeric_BF: { dtype: 'float32', shape: [2] },
};

/** logit_BK[0] = sum of the tokens − sum of the bytes of the image, logit_BK[1] = sum of the numbers. */
export class SumRunner implements ModelRunner {
  /** Rows of each call so far. */
  readonly calls: number[] = [];

  infer(inputs: ModelInputs): Promise<Record<string, ModelOutput>> {
    const rows = inputs.token_BL?.shape[0] ?? 0;
    this.calls.push(rows);
    const sums = (name: 'token_BL' | 'image_BIHWC' | 'numeric_BF', size: number): number[] =>
      Array.from({ length: rows }, (_, row) =>
        Array.from(inputs[name]!.data.slice(row * size, (row + 1) * size)).reduce(
          (sum, value) => sum + value,
          0,
        ),
      );
    const [token, image, numeric] = [sums('token_BL', 3), sums('image_BIHWC', 6), sums('numeric_BF', 2)];
    const data = Float32Array.from(token.flatMap((sum, row) => [sum - image[row]!, numeric[row]!]));
    return Promise.resolve({ logit_BK: { shape: [rows, 2], data } });
  }

  dispose(): Promise<void> {
    return Promise.resolve();
  }
}

/** Token ids are the lengths of title and description; there is no image. */
function encode(records: readonly ContentRecord[]): Promise<ModelInputs> {
  const rows = records.length;
  const tokens = records.flatMap(({ text }) => [text['title']!.length, text['description']!.length, 0]);
  const numbers = records.flatMap(({ numeric }) => [
    numeric['price'] ?? 0,
    numeric['price'] === null ? 1 : 0,
  ]);
  return Promise.resolve({
    token_BL: { dtype: 'int32', shape: [rows, 3], data: Int32Array.from(tokens) },
    image_BIHWC: { dtype: 'uint8', shape: [rows, 1, 2, 1, 3], data: new Uint8Array(rows * 6) },
    numeric_BF: { dtype: 'float32', shape: [rows, 2], data: Float32Array.from(numbers) },
  });
}

const OPERATING_POINTS: OperatingPoints = {
  schemaVersion: 1,
  kind: 'multi-label',
  policies: [
    {
      policy: 'weapons',
      policyVersion: '3',
      temperature: 1,
      act: {
        threshold: 0.9,
        precision: 0.95,
        minPrecision: 0.9,
        confidence: 0.95,
        recall: 0.4,
        predicted: 40,
        correct: 38,
      },
      noActReason: null,
      review: { threshold: 0.6, recall: 0.9 },
    },
    {
      policy: 'fraud',
      policyVersion: '1',
      temperature: 1,
      act: null,
      noActReason: 'too few',
      review: { threshold: 0.5, recall: 0.9 },
    },
  ],
};

export function toyModel(runner: ModelRunner, changes: Partial<ServedModel> = {}): ServedModel {
  return {
    name: 'toys',
    version: '7',
    manifestDigest: 'ab'.repeat(32),
    labels: { kind: 'multi-label', names: ['weapons', 'fraud'] },
    recordSchema: {
      schemaVersion: 1,
      text: ['title', 'description'],
      numeric: ['price'],
      categorical: ['category'],
      maxImages: 2,
      idLimits: { token_BL: [100] },
    },
    operatingPoints: OPERATING_POINTS,
    inputSpecs,
    outputShapes: { logit_BK: [2] },
    maxBatch: 4,
    encode,
    queue: new BatchingQueue(runner, { maxBatch: 4, maxWaitingRows: 6 }),
    ...changes,
  };
}
