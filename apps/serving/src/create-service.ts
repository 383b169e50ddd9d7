import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import type { Logger } from '@assay/core';
import { fastify, LogController, type FastifyInstance } from 'fastify';
import { limitAdmission } from './admission.js';
import { answerClientError } from './client-error.js';
import { addDecisionRoutes } from './decision-routes.js';
import { answerError } from './error-response.js';
import { closeWithin } from './graceful-close.js';
import { addProtocolRoutes } from './protocol-routes.js';
import type { ModelSlot } from './served-model.js';

export interface ServiceOptions {
  /** Holds the model; while it is empty the service is live but not ready. */
  slot: ModelSlot;
  logger: Logger;
  /** Largest request body in bytes; a larger one is refused without being kept. */
  maxBodyBytes: number;
  /** Most POST requests answered at once, counted from the moment their body is here; default 64. */
  maxInFlight?: number;
  /** Most bytes of bodies held at once, being read or being answered; default 16 bodies of the largest size. */
  maxHeldBytes?: number;
  /** Time in which a request must have arrived with all of its body; default 20 s. */
  requestTimeoutMs?: number;
  /** Time that requests which have begun get on close; default 3 s. */
  closeGraceMs?: number;
}

/** Builds the HTTP service without listening, so that tests can inject requests. */
export function createService({
  slot,
  logger,
  maxBodyBytes,
  maxInFlight = 64,
  maxHeldBytes = 16 * maxBodyBytes,
  requestTimeoutMs = 20_000,
  closeGraceMs = 3000,
}: ServiceOptions): FastifyInstance {
  const service = fastify({
    loggerInstance: logger,
    // A line of our own below, without the address as the caller wrote it.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: maxBodyBytes,
    // One server also for `localhost`, where fastify would open a second one that no hook reaches.
    serverFactory: (handler) =>
      createServer(
        {
          requestTimeout: requestTimeoutMs,
          connectionsCheckingInterval: Math.ceil(requestTimeoutMs / 4),
          keepAliveTimeout: 72_000, // longer than the minute after which common load balancers hang up
        },
        handler,
      ),
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => void answerError(error, request, reply),
    clientErrorHandler: answerClientError,
  }) as unknown as FastifyInstance; // the logger's type parameter is of no use to callers
  service.removeContentTypeParser('text/plain');
  service.setErrorHandler(answerError);
  limitAdmission(service, { maxInFlight, maxHeldBytes });
  closeWithin(service, closeGraceMs);
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
