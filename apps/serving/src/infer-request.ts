import { AssayError } from '@assay/core';
import type { InputArray, InputName, InputSpec, ModelInputs } from '@assay/preprocess';
import { countRows } from '@assay/registry';
import { z } from 'zod';
import { requestError } from './request-error.js';
import type { ServedModel } from './served-model.js';

/** Datatype names of the Open Inference Protocol for the dtypes of our inputs. */
export const DATATYPES = { float32: 'FP32', int32: 'INT32', uint8: 'UINT8' } as const;

const RANGES = { int32: [-(2 ** 31), 2 ** 31 - 1], uint8: [0, 255] } as const;

const parameters = z.record(z.string(), z.unknown()).optional();
const requestSchema = z.strictObject({
  id: z.string().max(256).optional(),
  parameters,
  inputs: z
    .array(
      z.strictObject({
        name: z.string(),
        shape: z.array(z.int().min(0)).min(1).max(8),
        datatype: z.string(),
        data: z.custom<unknown[]>(Array.isArray, 'expected an array'),
        parameters,
      }),
    )
    .min(1)
    .max(32),
  outputs: z
    .array(z.strictObject({ name: z.string(), parameters }))
    .max(32)
    .optional(),
});

type RequestTensor = z.infer<typeof requestSchema>['inputs'][number];

export interface InferRequest {
  id: string | undefined;
  inputs: ModelInputs;
  /** Names of the outputs to answer with. */
  outputs: string[];
}

/**
 * Reads the body of an inference request of the Open Inference Protocol v2 (JSON tensors).
 *
 * @returns the inputs checked against the model: names, datatypes, shapes, ranges of ids
 * @throws REQUEST_INVALID when the body does not follow the protocol, or an input is missing or unknown
 * @throws SHAPE_MISMATCH when an input has another shape than the model expects
 * @throws DTYPE_MISMATCH when an input has another datatype, or a value does not fit it
 * @see https://github.com/kserve/open-inference-protocol
 */
export function parseInferRequest(body: unknown, model: ServedModel): InferRequest {
  const parsed = requestSchema.safeParse(body);
  if (!parsed.success) throw requestError(parsed.error, keysAt);
  const given = new Map(
    parsed.data.inputs.map((tensor, index) => [tensor.name, { tensor, at: `inputs[${index}]` }]),
  );
  const expected = Object.entries(model.inputSpecs) as [InputName, InputSpec][]; // Object.entries widens the keys
  const names = expected.map(([name]) => name);
  const unknown = parsed.data.inputs.findIndex(({ name }) => !names.includes(name as InputName));
  if (unknown >= 0 || given.size !== parsed.data.inputs.length) {
    throw invalid(
      `inputs${unknown >= 0 ? `[${unknown}].name: is no input of this model` : ': has a name twice'}; the model takes ${names.join(', ')}.`,
    );
  }
  const inputs: ModelInputs = {};
  for (const [name, spec] of expected) {
    const found = given.get(name);
    if (found === undefined)
      throw invalid(`inputs: ${name} is missing; the model takes ${names.join(', ')}.`);
    inputs[name] = readTensor(found.tensor, found.at, spec, model);
  }
  if (countRows(inputs) === 0)
    throw new AssayError('SHAPE_MISMATCH', 'inputs: the first axis is 0; expected at least one record.');
  const outputs = parsed.data.outputs?.map(({ name }) => name) ?? ['logit_BK'];
  const foreign = outputs.findIndex((name) => !(name in model.outputShapes));
  if (foreign >= 0)
    throw invalid(
      `outputs[${foreign}].name: is no output of this model; it has ${Object.keys(model.outputShapes).join(', ')}.`,
    );
  return { id: parsed.data.id, inputs, outputs };
}

function readTensor(
  { name, shape, datatype, data }: RequestTensor,
  at: string,
  spec: InputSpec,
  model: ServedModel,
): InputArray {
  if (datatype !== DATATYPES[spec.dtype]) {
    throw new AssayError('DTYPE_MISMATCH', `${at}.datatype: ${name} must be ${DATATYPES[spec.dtype]}.`);
  }
  const [rows = 0, ...sizes] = shape;
  if (sizes.length !== spec.shape.length || sizes.some((size, axis) => size !== spec.shape[axis])) {
    throw new AssayError(
      'SHAPE_MISMATCH',
      `${at}.shape: is [${shape.join(', ')}]; ${name} must be [${['B', ...spec.shape].join(', ')}].`,
    );
  }
  if (rows > model.maxBatch) {
    throw new AssayError(
      'REQUEST_INVALID',
      `${at}.shape: has ${rows} records; at most ${model.maxBatch} are allowed. Fix: split the request.`,
    );
  }
  const values = new (
    spec.dtype === 'float32' ? Float32Array : spec.dtype === 'int32' ? Int32Array : Uint8Array
  )(shape.reduce((product, size) => product * size, 1));
  const count = fill(values, data, {
    at,
    spec,
    limits: model.recordSchema.idLimits[name] ?? [],
    depth: shape.length,
  });
  if (count !== values.length) {
    throw new AssayError(
      'SHAPE_MISMATCH',
      `${at}.data: has ${count} values; the shape [${shape.join(', ')}] needs ${values.length}.`,
    );
  }
  return { dtype: spec.dtype, shape, data: values };
}

interface FillContext {
  at: string;
  spec: InputSpec;
  /** Exclusive upper limits of ids: none, one for all, or one per position of the last axis. */
  limits: readonly number[];
  /** Deepest nesting of arrays allowed. */
  depth: number;
}

/** Copies flat or nested values row-major into `target`; returns how many there were. */
function fill(target: InputArray['data'], data: readonly unknown[], context: FillContext, start = 0): number {
  let count = start;
  for (const value of data) {
    if (Array.isArray(value) && context.depth > 1) {
      count = fill(target, value as unknown[], { ...context, depth: context.depth - 1 }, count);
      continue;
    }
    if (!fits(value, count, context)) {
      throw new AssayError(
        'DTYPE_MISMATCH',
        `${context.at}.data: value ${count} is no ${DATATYPES[context.spec.dtype]} in the range of this input.`,
      );
    }
    if (count < target.length) target[count] = value;
    count += 1;
  }
  return count;
}

function fits(value: unknown, index: number, { spec, limits }: FillContext): value is number {
  if (typeof value !== 'number' || !Number.isFinite(value)) return false;
  if (spec.dtype === 'float32') return Number.isFinite(Math.fround(value));
  const [low, high] = RANGES[spec.dtype];
  if (!Number.isInteger(value) || value < low || value > high) return false;
  const limit = limits[index % Math.max(1, limits.length)];
  return limit === undefined || (value >= 0 && value < limit);
}

function keysAt(path: readonly string[]): readonly string[] {
  if (path.length === 0) return Object.keys(requestSchema.shape);
  return path[0] === 'inputs' ? ['name', 'shape', 'datatype', 'data', 'parameters'] : ['name', 'parameters'];
}

const invalid = (message: string): AssayError => new AssayError('REQUEST_INVALID', message);
