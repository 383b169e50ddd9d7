import { createLogger } from '@assay/core';
import type { FastifyInstance } from 'fastify';
import { createService } from './create-service.js';
import { head, RawConnection } from './raw-connection.fixture.js';
import { SumRunner, toyModel } from './served-model.fixture.js';

describe('errors before any route', () => {
  let service: FastifyInstance;
  const listen = async (requestTimeoutMs?: number): Promise<void> => {
    service = createService({
      slot: { current: toyModel(new SumRunner()) },
      logger: createLogger('test', 'silent'),
      maxBodyBytes: 10_000,
      ...(requestTimeoutMs === undefined ? {} : { requestTimeoutMs }),
    });
    await service.listen({ host: '127.0.0.1', port: 0 });
  };
  afterEach(() => service.close());

  const get = (path: string, header = 'x: y'): string =>
    `GET ${path} HTTP/1.1\r\nhost: test\r\n${header}\r\n\r\n`;

  it.each([
    ['a bad URL', get('/v2/models/secret%ZZ'), 400],
    ['a name that is too long', get(`/v2/models/${'secret'.repeat(30)}`), 414],
    ['headers that are too large', get('/v2', `x: ${'secret'.repeat(5000)}`), 431],
    ['what is no HTTP', 'my secret\r\n\r\n', 400],
  ])('answers %s with error and code, repeating nothing', async (_what, text, expected) => {
    await listen();
    using connection = await RawConnection.open(service);
    connection.write(text);
    const { status, headers, body } = await connection.answer();
    expect([status, body]).toEqual([
      expected,
      { error: expect.not.stringContaining('secret') as string, code: 'REQUEST_INVALID' },
    ]);
    expect(headers).toContain('content-type: application/json');
    expect(headers).not.toContain('secret');
  });

  it('answers a request that does not arrive in time with 408', async () => {
    await listen(20);
    using connection = await RawConnection.open(service);
    connection.write(`${head('POST', '/v1/decisions', 5000)}{`);
    expect(await connection.answer()).toMatchObject({ status: 408, body: { code: 'REQUEST_INVALID' } });
  });
});
