import type { FastifyInstance } from 'fastify';

/** On close, gives the requests that have begun `graceMs` to be answered, then cuts every connection. */
export function closeWithin(service: FastifyInstance, graceMs: number): void {
  let isClosing = false;
  service.addHook('onSend', (_request, reply, _payload, done) => {
    if (isClosing) reply.header('connection', 'close');
    done();
  });
  service.addHook('preClose', (done) => {
    isClosing = true;
    // A closed server no longer watches its timeouts, so a request that never ends would keep it open.
    const overdue = setTimeout(() => service.server.closeAllConnections(), graceMs).unref();
    service.server.once('close', () => clearTimeout(overdue));
    done();
  });
}
