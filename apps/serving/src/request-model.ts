import { AssayError } from '@assay/core';
import type { ModelSlot, ServedModel } from './served-model.js';

/**
 * The model that answers now.
 *
 * @throws NOT_READY while none is loaded
 */
export function modelIn(slot: ModelSlot): ServedModel {
  if (slot.current !== undefined) return slot.current;
  throw new AssayError(
    'NOT_READY',
    'The model is still being loaded. Fix: wait until GET /v2/health/ready answers 200.',
  );
}

export interface ModelPath {
  name: string;
  version?: string;
}

/**
 * The model that answers now, if the path of the request names it.
 *
 * @throws MODEL_NOT_FOUND when the path names another model or version
 * @throws NOT_READY while none is loaded
 */
export function modelAt(slot: ModelSlot, { name, version }: ModelPath): ServedModel {
  const model = modelIn(slot);
  if (model.name === name && (version === undefined || model.version === version)) return model;
  throw new AssayError(
    'MODEL_NOT_FOUND',
    `This service serves only ${model.name}, version ${model.version}.`,
  );
}
