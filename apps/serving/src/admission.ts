import { Transform } from 'node:stream';
import { AssayError } from '@assay/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';

export interface AdmissionLimits {
  /** Most requests answered at once, counted from the moment their body is here. */
  maxInFlight: number;
  /** Most bytes of bodies held at once, of requests being read and of requests being answered. */
  maxHeldBytes: number;
}

/** What a POST request holds until it is answered. */
interface Holding {
  bytes: number;
  isAnswering: boolean;
}

/**
 * Refuses a request of an unknown route before its body is read, and a POST beyond the limits. A body counts by the bytes
 * that have arrived, so that callers who announce much and send little shut nobody out.
 */
export function limitAdmission(
  service: FastifyInstance,
  { maxInFlight, maxHeldBytes }: AdmissionLimits,
): void {
  const holdings = new WeakMap<FastifyRequest, Holding>();
  let heldBytes = 0;
  let answering = 0;
  const release = (request: FastifyRequest): void => {
    const held = holdings.get(request);
    if (held === undefined) return;
    holdings.delete(request);
    heldBytes -= held.bytes;
    if (held.isAnswering) answering -= 1;
  };
  service.addHook('onRequest', (request, _reply, done) => done(request.is404 ? unknownRoute() : undefined));
  service.addHook('preParsing', (request, reply, payload, done) => {
    if (request.method !== 'POST') return done(null, payload); // the body of a GET is never read
    const held: Holding = { bytes: 0, isAnswering: false };
    holdings.set(request, held);
    const meter = new Transform({
      transform(chunk: Buffer, _encoding, next) {
        if (!holdings.has(request)) return next(); // answered already: the rest is thrown away
        if (heldBytes + chunk.length > maxHeldBytes) return next(overloaded());
        held.bytes += chunk.length;
        heldBytes += chunk.length;
        next(null, chunk);
      },
    });
    // Reading on lets the caller, who may still be sending, get to the answer.
    reply.raw.once('finish', () => payload.unpipe(meter).resume());
    // A caller who leaves does not end the work on his request.
    reply.raw.once('close', () => held.isAnswering || release(request));
    done(null, payload.pipe(meter));
  });
  service.addHook('preValidation', (request, _reply, done) => {
    const held = holdings.get(request);
    if (held === undefined) return done();
    if (answering >= maxInFlight) return done(overloaded());
    held.isAnswering = true;
    answering += 1;
    done();
  });
  service.addHook('onSend', (request, _reply, _payload, done) => {
    release(request);
    done();
  });
}

const unknownRoute = (): AssayError =>
  new AssayError('ROUTE_NOT_FOUND', 'There is no such route. Fix: see GET /v2 and POST /v1/decisions.');

const overloaded = (): AssayError =>
  new AssayError(
    'OVERLOADED',
    'Other requests fill this service already. Fix: send the request again later.',
  );
