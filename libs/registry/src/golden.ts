import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AssayError, readJson, writeJsonAtomic } from '@assay/core';
import { readSafetensors, writeSafetensors, type SafeTensor } from '@assay/data';
import { decide, parseOperatingPoints, type OperatingPoints } from '@assay/policy';
import type { InputArray, InputName, ModelInputs } from '@assay/preprocess';
import { describeEngine } from '@assay/tensorflow';
import { z } from 'zod';
import { readBundleJson } from './bundle-schemas.js';

/** Largest allowed difference of a replayed logit, relative to max(1, |logit|). */
export const GOLDEN_TOLERANCE = 1e-5;
/**
 * The same, where the logits were computed by another engine or kind of device: kernels sum in another order, by which the
 * logits of 260 listings differed by up to 9e-6 between an H200 and a CPU.
 */
export const GOLDEN_TOLERANCE_OTHER_ENGINE = 1e-4;

export interface ModelOutput {
  shape: readonly number[];
  data: Float32Array;
}

/** Runs a model on encoded records; among its outputs is `logit_BK`. */
export type Infer = (inputs: ModelInputs) => Promise<Record<string, ModelOutput>>;

const goldenSchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** What computed the logits, such as `tensorflow 2.21.0 cpu`. */
  engine: z.string(),
  records: z
    .array(z.strictObject({ id: z.string(), bands: z.record(z.string(), z.enum(['act', 'review', 'pass'])) }))
    .min(1),
});

interface GoldenExamples {
  ids: readonly string[];
  inputs: ModelInputs;
  logit_BK: ModelOutput;
  operatingPoints: OperatingPoints;
  /** What computed the logits; default: the engine of this process. */
  engine?: string;
}

/** Writes `golden/`: encoded inputs, the logits that the model gave, and the band of each policy. */
export async function writeGolden(
  dir: string,
  { ids, inputs, logit_BK, operatingPoints, engine = describeEngine().name }: GoldenExamples,
): Promise<void> {
  const golden = join(dir, 'golden');
  mkdirSync(golden, { recursive: true });
  await writeSafetensors(join(golden, 'inputs.safetensors'), tensorsOf(inputs));
  await writeSafetensors(join(golden, 'logits.safetensors'), {
    logit_BK: { dtype: 'F32', shape: [...logit_BK.shape], data: logit_BK.data },
  });
  const records = bandsOf(logit_BK, operatingPoints).map((bands, row) => ({
    id: ids[row] ?? String(row),
    bands,
  }));
  await writeJsonAtomic(join(golden, 'decisions.json'), { schemaVersion: 1, engine, records });
}

/**
 * Runs the golden inputs of a bundle through a loaded model and compares with what the published model gave.
 *
 * @returns how many records were compared and the largest difference of a logit, relative to max(1, |logit|)
 * @param engine what `infer` computes with
 * @throws GOLDEN_MISMATCH when a logit differs by more than 1e-5 (1e-4 when another engine computed the expected one), or a
 *   decision differs
 */
export async function replayGolden(
  dir: string,
  infer: Infer,
  engine = describeEngine().name,
): Promise<{ records: number; maxError: number }> {
  const inputs = inputsOf((await readSafetensors(join(dir, 'golden', 'inputs.safetensors'))).tensors);
  const expected = (await readSafetensors(join(dir, 'golden', 'logits.safetensors'))).tensors['logit_BK'];
  const { records, engine: goldenEngine } = readBundleJson(dir, 'golden/decisions.json', goldenSchema);
  const operatingPoints = parseOperatingPoints(await readJson(join(dir, 'operating-points.json')));
  const logit_BK = (await infer(inputs))['logit_BK'];
  if (logit_BK === undefined || expected === undefined || logit_BK.data.length !== expected.data.length) {
    throw mismatch(
      dir,
      `it gave ${logit_BK?.data.length ?? 'no'} logits; expected ${expected?.data.length ?? 'some'}`,
    );
  }
  const maxError = largestError(logit_BK.data, Float32Array.from(expected.data, Number));
  const tolerance = engine === goldenEngine ? GOLDEN_TOLERANCE : GOLDEN_TOLERANCE_OTHER_ENGINE;
  if (!(maxError <= tolerance)) {
    throw mismatch(
      dir,
      `a logit differs by ${maxError.toExponential(2)}; allowed is ${tolerance} between '${goldenEngine}' and '${engine}'`,
    );
  }
  const actual = bandsOf(logit_BK, operatingPoints);
  if (records.length !== actual.length)
    throw mismatch(dir, `it decides ${actual.length} golden records; expected ${records.length}`);
  for (const [row, { bands: expectedBands }] of records.entries()) {
    const bands = actual[row] ?? {};
    for (const policy of new Set([...Object.keys(bands), ...Object.keys(expectedBands)])) {
      if (bands[policy] !== expectedBands[policy])
        throw mismatch(
          dir,
          `golden record ${row + 1} is '${bands[policy] ?? 'not decided'}' for ${policy}; expected '${expectedBands[policy] ?? 'not decided'}'`,
        );
    }
  }
  return { records: records.length, maxError };
}

function bandsOf({ shape, data }: ModelOutput, operatingPoints: OperatingPoints): Record<string, string>[] {
  const [rows = 0, numClasses = 1] = shape;
  return Array.from({ length: rows }, (_, row) => {
    const decisions = decide(
      { logit_K: data.slice(row * numClasses, (row + 1) * numClasses) },
      operatingPoints,
    );
    return Object.fromEntries(decisions.map(({ policy, band }) => [policy, band]));
  });
}

/** Largest |actual − expected| / max(1, |expected|); NaN when a value is not a number. */
function largestError(actual: Float32Array, expected: Float32Array): number {
  return actual.reduce((largest, value, i) => {
    const reference = expected[i] ?? Number.NaN;
    const error = Math.abs(value - reference) / Math.max(1, Math.abs(reference));
    return Number.isNaN(error) || error > largest ? error : largest;
  }, 0);
}

const STORED_DTYPES = { float32: 'F32', int32: 'I32', uint8: 'U8' } as const;

function tensorsOf(inputs: ModelInputs): Record<string, SafeTensor> {
  const tensors = Object.entries(inputs) as [InputName, InputArray][]; // Object.entries widens the keys
  return Object.fromEntries(
    tensors.map(([name, { dtype, shape, data }]) => [name, { dtype: STORED_DTYPES[dtype], shape, data }]),
  );
}

function inputsOf(tensors: Record<string, SafeTensor>): ModelInputs {
  const inputs = Object.entries(tensors).map(([name, { dtype, shape, data }]): [string, InputArray] => {
    if (dtype === 'F32' && data instanceof Float32Array) return [name, { dtype: 'float32', shape, data }];
    if (dtype === 'I32' && data instanceof Int32Array) return [name, { dtype: 'int32', shape, data }];
    if (dtype === 'U8' && data instanceof Uint8Array) return [name, { dtype: 'uint8', shape, data }];
    throw new AssayError(
      'BUNDLE_CORRUPT',
      `The golden input ${name} has the dtype ${dtype}; expected F32, I32 or U8. Fix: publish the model again.`,
    );
  });
  return Object.fromEntries(inputs);
}

function mismatch(dir: string, what: string): AssayError {
  return new AssayError(
    'GOLDEN_MISMATCH',
    `The model of ${dir} does not give its golden outputs: ${what}. It does not take requests. Fix: check that the engine is the one in lineage.json; else publish the model again.`,
    { details: { dir } },
  );
}
