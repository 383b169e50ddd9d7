import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AssayError, systemCodeOf } from '@assay/core';
import { ownOf } from './check-settings.js';
import { dataTypeName, DATA_TYPE, type FeedType } from './data-types.js';
import { decodeSavedModelOutline, type SignatureMessage, type TensorInfoMessage } from './graph-messages.js';
import { SAVED_MODEL_FILE } from './write-saved-model.js';

/** One input or output of a SavedModel. */
export interface TensorSignature {
  /** Output of a node, like `token_BL:0`. */
  node: string;
  dtype: FeedType;
  /** null is an axis of any length. */
  shape: readonly (number | null)[];
  /** Names of axes of any length, where the file has them: those of one name have one length. */
  axes: readonly (string | null)[];
}

/** Inputs and outputs of a SavedModel by name. */
export interface SavedModelSignature {
  inputs: Readonly<Record<string, TensorSignature>>;
  outputs: Readonly<Record<string, TensorSignature>>;
}

/**
 * Reads one signature of a SavedModel.
 *
 * @throws FILE_NOT_FOUND when `saved_model.pb` does not exist or is a folder
 * @throws FILE_CORRUPT when it is not a SavedModel or lacks the signature
 * @throws DTYPE_MISMATCH when a tensor of the signature is neither float32 nor int32
 */
export function readSignature(dir: string, signatureName: string): SavedModelSignature {
  const path = join(dir, SAVED_MODEL_FILE);
  const signatures = signaturesOf(readBytes(path), path);
  const signature = ownOf(signatures, signatureName);
  if (signature === undefined) {
    throw new AssayError(
      'FILE_CORRUPT',
      `${path} has no signature '${signatureName}'; it has ${Object.keys(signatures).join(', ') || 'none'}. Fix: write the model again, or name a signature that it has.`,
      { details: { path } },
    );
  }
  return {
    inputs: tensorSignatures(signature.inputs, path),
    outputs: tensorSignatures(signature.outputs, path),
  };
}

const MISSING = new Map([
  ['ENOENT', 'does not exist'],
  ['ENOTDIR', 'does not exist'],
  ['EISDIR', 'is a folder'],
]);

function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const what = MISSING.get(systemCodeOf(error) ?? '');
    if (what === undefined) throw error;
    throw new AssayError(
      'FILE_NOT_FOUND',
      `${path} ${what}; a SavedModel directory holds that file. Fix: check the path, or write the model first.`,
      { cause: error, details: { path } },
    );
  }
}

function signaturesOf(bytes: Uint8Array, path: string): Record<string, SignatureMessage> {
  let graphs;
  try {
    graphs = decodeSavedModelOutline(bytes).meta_graphs;
  } catch (error) {
    throw corrupt(path, 'its bytes are not a SavedModel message', error);
  }
  const serving = graphs.find(({ meta_info_def }) => meta_info_def?.tags.includes('serve'));
  if (serving === undefined) throw corrupt(path, "it holds no graph with the tag 'serve'");
  return serving.signature_def;
}

/** The error of a `saved_model.pb` that cannot be used. */
export function corrupt(path: string, reason: string, cause?: unknown): AssayError {
  return new AssayError(
    'FILE_CORRUPT',
    `${path} is damaged: ${reason}. Fix: copy or write the model again.`,
    { cause, details: { path } },
  );
}

function tensorSignatures(
  tensors: Record<string, TensorInfoMessage>,
  path: string,
): Record<string, TensorSignature> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { name: node, dtype, tensor_shape }]) => {
      const feedType =
        dtype === DATA_TYPE.float32 ? 'float32' : dtype === DATA_TYPE.int32 ? 'int32' : undefined;
      if (feedType === undefined) {
        throw new AssayError(
          'DTYPE_MISMATCH',
          `'${name}' of ${path} is ${dataTypeName(dtype)}; only float32 and int32 are supported. Fix: cast inside the model.`,
          { details: { path } },
        );
      }
      const shape = tensor_shape.dim.map(({ size }) => (size < 0 ? null : size));
      const axes = tensor_shape.dim.map(({ size, name: axis = '' }) =>
        size < 0 && axis !== '' ? axis : null,
      );
      return [name, { node, dtype: feedType, shape, axes }];
    }),
  );
}
