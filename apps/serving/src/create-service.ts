import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '@assay/core';
import { fastify, LogController, type FastifyInstance } from 'fastify';
import { limitInFlight } from './admission.js';
import { addDecisionRoutes } from './decision-routes.js';
import { answerErrors } from './error-response.js';
import { addProtocolRoutes } from './protocol-routes.js';
import type { ModelSlot } from './served-model.js';

export interface ServiceOptions {
  /** Holds the model; while it is empty the service is live but not ready. */
  slot: ModelSlot;
  logger: Logger;
  /** Largest request body in bytes; a larger one is refused without being kept. */
  maxBodyBytes: number;
  /** Most POST requests answered at once; default 64. */
  maxInFlight?: number;
}

/** Builds the HTTP service without listening, so that tests can inject requests. */
export function createService({
  slot,
  logger,
  maxBodyBytes,
  maxInFlight = 64,
}: ServiceOptions): FastifyInstance {
  const service = fastify({
    loggerInstance: logger,
    // A line of our own below, without the address as the caller wrote it.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: maxBodyBytes,
    requestTimeout: 60_000,
    forceCloseConnections: 'idle',
  }) as unknown as FastifyInstance; // the logger's type parameter is of no use to callers
  service.removeContentTypeParser('text/plain');
  answerErrors(service);
  limitInFlight(service, maxInFlight);
  addProtocolRoutes(service, slot, ownVersion());
  addDecisionRoutes(service, slot);
  service.addHook('onResponse', (request, reply, done) => {
    const ms = Math.round(reply.elapsedTime);
    request.log.info({ route: request.routeOptions.url, status: reply.statusCode, ms }, 'answered');
    done();
  });
  return service;
}

/** Version of this package, for GET /v2. */
function ownVersion(): string {
  const description = JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8')) as {
    version: string;
  };
  return description.version;
}
