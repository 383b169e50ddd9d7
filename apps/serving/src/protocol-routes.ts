import { AssayError } from '@assay/core';
import type { InputSpec } from '@assay/preprocess';
import type { ModelOutput } from '@assay/registry';
import type { FastifyInstance } from 'fastify';
import { DATATYPES, parseInferRequest } from './infer-request.js';
import { modelAt, type ModelPath } from './request-model.js';
import type { ModelSlot, ServedModel } from './served-model.js';

interface AtModel {
  Params: ModelPath;
}

/**
 * The routes of the Open Inference Protocol v2, for machines that speak tensors.
 *
 * @see https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
 */
export function addProtocolRoutes(service: FastifyInstance, slot: ModelSlot, version: string): void {
  service.get('/v2', () => ({ name: 'assay', version, extensions: [] }));
  service.get('/v2/health/live', () => ({ live: true }));
  service.get('/v2/health/ready', (_request, reply) => {
    const ready = slot.current !== undefined;
    return reply.code(ready ? 200 : 503).send({ ready });
  });
  for (const path of ['/v2/models/:name', '/v2/models/:name/versions/:version']) {
    service.get<AtModel>(path, ({ params }) => metadata(modelAt(slot, params)));
    service.get<AtModel>(`${path}/ready`, ({ params }) => ({
      name: modelAt(slot, params).name,
      ready: true,
    }));
    service.post<AtModel>(`${path}/infer`, ({ params, body }) => infer(modelAt(slot, params), body));
  }
}

async function infer(model: ServedModel, body: unknown): Promise<Record<string, unknown>> {
  const request = parseInferRequest(body, model);
  const results = await model.queue.infer(request.inputs);
  const outputs = request.outputs.map((name) => tensorOf(name, results[name]));
  const id = request.id === undefined ? {} : { id: request.id };
  return { model_name: model.name, model_version: model.version, ...id, outputs };
}

/** @throws NON_FINITE for a value that JSON cannot hold, which would turn into null */
function tensorOf(name: string, output: ModelOutput | undefined): Record<string, unknown> {
  if (output === undefined) throw new AssayError('INTERNAL', `The model gave no output ${name}.`);
  const bad = output.data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new AssayError(
      'NON_FINITE',
      `Value ${bad} of the output ${name} is ${output.data[bad]}; expected a finite number. Fix: check the inputs.`,
    );
  }
  return { name, datatype: 'FP32', shape: output.shape, data: Array.from(output.data) };
}

function metadata(model: ServedModel): Record<string, unknown> {
  const inputs = Object.entries<InputSpec>(model.inputSpecs);
  return {
    name: model.name,
    versions: [model.version],
    platform: 'tensorflow_savedmodel',
    inputs: inputs.map(([name, { dtype, shape }]) => ({
      name,
      datatype: DATATYPES[dtype],
      shape: [-1, ...shape],
    })),
    outputs: Object.entries(model.outputShapes).map(([name, shape]) => ({
      name,
      datatype: 'FP32',
      shape: [-1, ...shape],
    })),
    parameters: { manifest_sha256: model.manifestDigest },
  };
}
