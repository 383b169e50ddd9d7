import { createLogger } from '@assay/core';
import type { FastifyInstance } from 'fastify';
import { createService, type ServiceOptions } from './create-service.js';
import { head, nextBody, RawConnection } from './raw-connection.fixture.js';
import { SumRunner, toyModel } from './served-model.fixture.js';

const LISTING = JSON.stringify({ listing: { text: { title: 'lamp' } } });
const PATH = '/v1/decisions';

describe('limitAdmission', () => {
  let service: FastifyInstance;
  let runner: SumRunner;
  const listen = async (limits: Partial<ServiceOptions>): Promise<void> => {
    runner = new SumRunner();
    service = createService({
      slot: { current: toyModel(runner) },
      logger: createLogger('test', 'silent'),
      maxBodyBytes: 10_000,
      closeGraceMs: 10,
      ...limits,
    });
    await service.listen({ host: '127.0.0.1', port: 0 });
  };
  afterEach(() => service.close());

  /** A request of `bytes` bytes, sent whole. */
  const post = async (body: string): Promise<number> => {
    using connection = await RawConnection.open(service);
    connection.write(head('POST', PATH, body.length) + body);
    return (await connection.answer()).status;
  };

  it.each(['PUT', 'PATCH', 'DELETE', 'POST'])(
    'answers %s of an unknown route before its body has arrived',
    async (method) => {
      await listen({});
      using connection = await RawConnection.open(service);
      connection.write(`${head(method, '/x', 5000)}{"half":`);
      expect(await connection.answer()).toMatchObject({ status: 404, body: { code: 'ROUTE_NOT_FOUND' } });
    },
  );

  it('is not shut by requests whose bodies do not arrive', async () => {
    await listen({ maxInFlight: 2 });
    using first = await RawConnection.open(service);
    using second = await RawConnection.open(service);
    for (const idle of [first, second]) {
      const seen = nextBody(service, 1);
      idle.write(`${head('POST', PATH, 5000)}{`);
      await seen;
    }
    expect(await post(LISTING)).toBe(200);
  });

  it('holds no more bytes of bodies than allowed, and forgets those of a caller who leaves', async () => {
    await listen({ maxHeldBytes: 1000 });
    const seen = nextBody(service, 900);
    const idle = await RawConnection.open(service);
    idle.write(head('POST', PATH, 5000) + '{'.padEnd(900));
    const { left } = await seen;
    using other = await RawConnection.open(service);
    other.write(head('POST', PATH, 200) + LISTING.padEnd(200));
    const refused = await other.answer();
    expect(refused).toMatchObject({ status: 429, body: { code: 'OVERLOADED' } });
    expect(refused.headers).toContain('retry-after: 1');
    expect(await post(LISTING.padEnd(100))).toBe(200); // 900 + 100 are allowed
    idle[Symbol.dispose]();
    await left;
    expect(await post(LISTING.padEnd(1000))).toBe(200);
  });

  it('answers a body that is refused midway, and the next request of the same connection', async () => {
    await listen({ maxBodyBytes: 1_000_000, maxHeldBytes: 1000 });
    using connection = await RawConnection.open(service);
    connection.write(head('POST', PATH, 900_000) + '{'.padEnd(2000));
    expect((await connection.answer()).status).toBe(429);
    connection.write(' '.repeat(898_000) + head('POST', PATH, LISTING.length) + LISTING);
    expect((await connection.answer()).status).toBe(200);
  });

  it('counts a request whose caller has left until its work is done', async () => {
    await listen({ maxInFlight: 1 });
    let finish = (): void => undefined;
    const started = new Promise<void>((resolve) => {
      const infer = runner.infer.bind(runner);
      jest.spyOn(runner, 'infer').mockImplementationOnce(async (inputs) => {
        resolve();
        await new Promise<void>((go) => (finish = go));
        return infer(inputs);
      });
    });
    const seen = nextBody(service, 1);
    const leaving = await RawConnection.open(service);
    leaving.write(head('POST', PATH, LISTING.length) + LISTING);
    const { left } = await seen;
    await started;
    leaving[Symbol.dispose]();
    await left;
    expect(await post(LISTING)).toBe(429);
    finish();
    await new Promise(setImmediate);
    expect(await post(LISTING)).toBe(200);
  });
});
