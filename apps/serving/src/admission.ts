import { AssayError } from '@assay/core';
import type { FastifyInstance } from 'fastify';

/**
 * Refuses a POST before its body is read while `maxInFlight` others are being answered,
 * so that the memory of waiting bodies has a bound (`maxInFlight` × the body limit).
 */
export function limitInFlight(service: FastifyInstance, maxInFlight: number): void {
  let inFlight = 0;
  service.addHook('onRequest', (request, reply, done) => {
    if (request.method !== 'POST') return done();
    if (inFlight >= maxInFlight) {
      return done(
        new AssayError(
          'OVERLOADED',
          `${inFlight} requests are being answered already. Fix: send the request again later.`,
        ),
      );
    }
    inFlight += 1;
    let counted = true;
    const release = (): void => {
      if (counted) inFlight -= 1;
      counted = false;
    };
    reply.raw.once('finish', release);
    reply.raw.once('close', release);
    done();
  });
}
