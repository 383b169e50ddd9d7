import { createLogger } from '@assay/core';
import type { FastifyInstance } from 'fastify';
import { createService, type ServiceOptions } from './create-service.js';
import { head, nextBody, RawConnection } from './raw-connection.fixture.js';
import { SumRunner, toyModel } from './served-model.fixture.js';

const LISTING = JSON.stringify({ listing: { text: { title: 'x' } } });

describe('closeWithin', () => {
  const listen = async (
    runner: SumRunner,
    host: string,
    changes: Partial<ServiceOptions> = {},
  ): Promise<FastifyInstance> => {
    const service = createService({
      slot: { current: toyModel(runner) },
      logger: createLogger('test', 'silent'),
      maxBodyBytes: 10_000,
      ...changes,
    });
    await service.listen({ host, port: 0 });
    return service;
  };

  it.each(['127.0.0.1', 'localhost'])('closes on %s although a request never ends', async (host) => {
    const service = await listen(new SumRunner(), host, { closeGraceMs: 10 });
    using silent = await RawConnection.open(service);
    using idle = await RawConnection.open(service);
    const seen = nextBody(service, 1);
    idle.write(`${head('POST', '/v1/decisions', 5000)}{`);
    await seen;
    await service.close();
    await expect(idle.answer()).rejects.toThrow('ended');
    await expect(silent.answer()).rejects.toThrow('ended');
  });

  it('answers what has begun and hangs up', async () => {
    const runner = new SumRunner();
    const service = await listen(runner, '127.0.0.1');
    let closed: Promise<unknown> = Promise.resolve();
    const infer = runner.infer.bind(runner);
    jest.spyOn(runner, 'infer').mockImplementationOnce((inputs) => {
      closed = service.close();
      return new Promise(setImmediate).then(() => infer(inputs));
    });
    using connection = await RawConnection.open(service);
    connection.write(head('POST', '/v1/decisions', LISTING.length) + LISTING);
    const { status, headers } = await connection.answer();
    expect(status).toBe(200);
    expect(headers).toContain('connection: close');
    await closed;
  });
});
