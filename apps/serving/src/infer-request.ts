import { AssayError } from '@assay/core';
import type { InputArray, InputName, InputSpec, ModelInputs } from '@assay/preprocess';
import { countRows } from '@assay/registry';
import { z } from 'zod';
import { requestError } from './request-error.js';
import type { ServedModel } from './served-model.js';

/** Datatype names of the Open Inference Protocol for the dtypes of our inputs. */
export const DATATYPES = { float32: 'FP32', int32: 'INT32', uint8: 'UINT8' } as const;

/** Inputs that say whether something is there: 1 yes, 0 no. */
const FLAGS: ReadonlySet<string> = new Set<InputName>(['mask_BL', 'imageMask_BI', 'present_BM']);
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
  /** Names of the outputs to answer with: those asked for, else all. */
  outputs: string[];
}

/**
 * Reads the body of an inference request of the Open Inference Protocol v2 (JSON tensors).
 *
 * @returns the inputs checked against the model: names, datatypes, shapes, ranges of ids
 * @throws REQUEST_INVALID when the body does not follow the protocol, or an input is missing or unknown
 * @throws SHAPE_MISMATCH when an input has another shape than the model expects, or its data another than it says
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
  const known = Object.keys(model.outputShapes);
  const outputs = parsed.data.outputs?.map(({ name }) => name) ?? known;
  const foreign = outputs.findIndex((name) => !known.includes(name));
  if (foreign >= 0)
    throw invalid(`outputs[${foreign}].name: is no output of this model; it has ${known.join(', ')}.`);
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
  const size = shape.reduce((product, axis) => product * axis, 1);
  const values =
    spec.dtype === 'float32'
      ? new Float32Array(size)
      : spec.dtype === 'int32'
        ? new Int32Array(size)
        : new Uint8Array(size);
  fill(values, data, {
    at,
    spec,
    sizes: Array.isArray(data[0]) ? shape : [size], // a flat list is a nesting of one level
    isFlag: FLAGS.has(name),
    limits: model.recordSchema.idLimits[name] ?? [],
  });
  return { dtype: spec.dtype, shape, data: values };
}

interface FillContext {
  at: string;
  spec: InputSpec;
  /** Length of the lists at each level of nesting. */
  sizes: readonly number[];
  isFlag: boolean;
  /** Exclusive upper limits of ids: none, one for all, or one per position of the last axis. */
  limits: readonly number[];
}

/** Copies the values of a list at one level of nesting row-major into `target`; returns the position after the last. */
function fill(target: InputArray['data'], data: unknown, context: FillContext, level = 0, start = 0): number {
  const { at, spec, sizes } = context;
  if (!Array.isArray(data) || data.length !== sizes[level]) {
    const found = Array.isArray(data) ? `a list of ${data.length}` : 'no list';
    throw nesting(at, level, `${found}; expected a list of ${sizes[level]}`);
  }
  let position = start;
  for (const value of data as unknown[]) {
    if (level + 1 < sizes.length) {
      position = fill(target, value, context, level + 1, position);
      continue;
    }
    if (Array.isArray(value)) throw nesting(at, level + 1, 'a list; expected a value');
    if (!fits(value, position, context)) {
      throw new AssayError(
        'DTYPE_MISMATCH',
        `${at}.data: value ${position} is no ${DATATYPES[spec.dtype]} in the range of this input.`,
      );
    }
    target[position] = value;
    position += 1;
  }
  return position;
}

function nesting(at: string, level: number, what: string): AssayError {
  return new AssayError(
    'SHAPE_MISMATCH',
    `${at}.data: has at level ${level + 1} of its nesting ${what}. Fix: send one flat list, or lists nested as the shape says.`,
  );
}

function fits(value: unknown, index: number, { spec, isFlag, limits }: FillContext): value is number {
  if (typeof value !== 'number' || !Number.isFinite(value)) return false;
  if (isFlag) return value === 0 || value === 1;
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
