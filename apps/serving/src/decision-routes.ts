import { AssayError } from '@assay/core';
import { decide, type Decision } from '@assay/policy';
import type { FastifyInstance } from 'fastify';
import { listingRequestParser } from './listing-request.js';
import { modelIn } from './request-model.js';
import type { ModelSlot, ServedModel } from './served-model.js';

export interface DecisionResponse {
  /** Exactly which model decided. */
  model: { name: string; version: string; manifestDigest: string };
  /** One entry for each listing of the request, in its order. */
  results: { id: string | null; decisions: Decision[] }[];
}

/** `POST /v1/decisions`: listings in, for each policy the band (act, review, pass) with score, threshold and reason out. */
export function addDecisionRoutes(service: FastifyInstance, slot: ModelSlot): void {
  const parsers = new WeakMap<ServedModel, ReturnType<typeof listingRequestParser>>();
  const parserOf = (model: ServedModel): ReturnType<typeof listingRequestParser> => {
    const parse = parsers.get(model) ?? listingRequestParser(model.recordSchema, model.maxBatch);
    parsers.set(model, parse);
    return parse;
  };
  service.post('/v1/decisions', async ({ body }): Promise<DecisionResponse> => {
    const model = modelIn(slot);
    const { ids, records } = parserOf(model)(body);
    const outputs = await model.queue.infer(await model.encode(records));
    return {
      model: { name: model.name, version: model.version, manifestDigest: model.manifestDigest },
      results: ids.map((id, row) => ({
        id,
        decisions: decide({ logit_K: rowOf(outputs['logit_BK'], row) }, model.operatingPoints),
      })),
    };
  });
}

function rowOf(
  output: { shape: readonly number[]; data: Float32Array } | undefined,
  row: number,
): Float32Array {
  const numClasses = output?.shape[1];
  if (output === undefined || numClasses === undefined)
    throw new AssayError('INTERNAL', 'The model gave no output logit_BK.');
  return output.data.slice(row * numClasses, (row + 1) * numClasses);
}
