import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { preprocessSchema } from '@assay/config';
import { createLogger } from '@assay/core';
import { fitPreprocessor } from '@assay/preprocess';
import type { FastifyInstance } from 'fastify';
import { createService } from './create-service.js';
import { requestEncoder } from './request-encoder.js';
import { SumRunner, toyModel } from './served-model.fixture.js';
import type { ModelSlot } from './served-model.js';

const PNG_4X2 =
  'iVBORw0KGgoAAAANSUhEUgAAAAQAAAACCAIAAADwyuo0AAAAEElEQVR42mMQaPgARwzIHACVGgwBfpffewAAAABJRU5ErkJggg==';
const PNG_20X20 =
  'iVBORw0KGgoAAAANSUhEUgAAABQAAAAUCAIAAAAC64paAAAAGklEQVR42mMQaPhANmIY1TyqeVTzqOaB1QwAqnBYH8Np28YAAAAASUVORK5CYII=';

const inputs = [
  { name: 'token_BL', shape: [1, 3], datatype: 'INT32', data: [1, 2, 3] },
  { name: 'image_BIHWC', shape: [1, 1, 2, 1, 3], datatype: 'UINT8', data: [1, 0, 0, 0, 0, 1] },
  { name: 'numeric_BF', shape: [1, 2], datatype: 'FP32', data: [0.25, 0.5] },
];

describe('the service', () => {
  let slot: ModelSlot;
  let runner: SumRunner;
  let service: FastifyInstance;

  beforeEach(() => {
    runner = new SumRunner();
    slot = { current: toyModel(runner) };
    service = createService({
      slot,
      logger: createLogger('test', 'silent'),
      maxBodyBytes: 10_000,
      maxInFlight: 2,
    });
  });
  afterEach(() => service.close());

  const get = async (url: string): Promise<[number, unknown]> => {
    const { statusCode, body } = await service.inject({ method: 'GET', url });
    return [statusCode, JSON.parse(body)];
  };
  const post = async (
    url: string,
    payload: object | string,
  ): Promise<[number, { error?: string; code?: string } & Record<string, unknown>]> => {
    const { statusCode, body } = await service.inject({
      method: 'POST',
      url,
      payload,
      headers: { 'content-type': 'application/json' },
    });
    return [statusCode, JSON.parse(body) as Record<string, unknown>];
  };

  it('is live but not ready until it has a model', async () => {
    slot.current = undefined;
    expect(await get('/v2/health/live')).toEqual([200, { live: true }]);
    expect(await get('/v2/health/ready')).toEqual([503, { ready: false }]);
    expect(await get('/v2/models/toys/ready')).toMatchObject([503, { code: 'NOT_READY' }]);
    expect(await post('/v1/decisions', { listing: {} })).toMatchObject([503, { code: 'NOT_READY' }]);
    slot.current = toyModel(runner);
    expect(await get('/v2/health/ready')).toEqual([200, { ready: true }]);
  });

  it('describes the server and the model', async () => {
    expect(await get('/v2')).toMatchObject([
      200,
      { name: 'assay', version: expect.stringMatching(/^\d+\.\d+\.\d+$/) as string, extensions: [] },
    ]);
    expect(await get('/v2/models/toys/versions/7')).toEqual([
      200,
      {
        name: 'toys',
        versions: ['7'],
        platform: 'tensorflow_savedmodel',
        inputs: [
          { name: 'token_BL', datatype: 'INT32', shape: [-1, 3] },
          { name: 'image_BIHWC', datatype: 'UINT8', shape: [-1, 1, 2, 1, 3] },
          { name: 'numeric_BF', datatype: 'FP32', shape: [-1, 2] },
        ],
        outputs: [{ name: 'logit_BK', datatype: 'FP32', shape: [-1, 2] }],
        parameters: { manifest_sha256: 'ab'.repeat(32) },
      },
    ]);
    expect(await get('/v2/models/toys/versions/7/ready')).toEqual([200, { name: 'toys', ready: true }]);
    expect(await get('/v2/models/other')).toMatchObject([404, { code: 'MODEL_NOT_FOUND' }]);
    expect(await get('/v2/models/toys/versions/8')).toMatchObject([404, { code: 'MODEL_NOT_FOUND' }]);
  });

  it('infers and echoes the id', async () => {
    expect(await post('/v2/models/toys/infer', { id: 'r-1', inputs })).toEqual([
      200,
      {
        model_name: 'toys',
        model_version: '7',
        id: 'r-1',
        outputs: [{ name: 'logit_BK', datatype: 'FP32', shape: [1, 2], data: [4, 0.75] }],
      },
    ]);
  });

  it('answers a wrong shape with 400, error and code', async () => {
    const wrong = [{ ...inputs[0], shape: [1, 4] }, inputs[1], inputs[2]];
    expect(await post('/v2/models/toys/infer', { inputs: wrong })).toMatchObject([
      400,
      { code: 'SHAPE_MISMATCH' },
    ]);
  });

  it('decides each listing under each policy', async () => {
    // weapons: logit = len(title) + len(description) = 3, sigmoid 0.9526 ≥ 0.9; fraud: logit = price = 0.25, sigmoid 0.5622
    const listing = { id: 'x-1', text: { title: 'gun' }, numeric: { price: 0.25 } };
    const [status, body] = await post('/v1/decisions', {
      listings: [listing, { categorical: { category: 'toys' } }],
    });
    expect(status).toBe(200);
    expect(body['model']).toEqual({ name: 'toys', version: '7', manifestDigest: 'ab'.repeat(32) });
    const results = body['results'] as { id: string | null; decisions: Record<string, unknown>[] }[];
    expect(results.map(({ id }) => id)).toEqual(['x-1', null]);
    expect(results[0]?.decisions).toMatchObject([
      {
        policy: 'weapons',
        policyVersion: '3',
        band: 'act',
        threshold: 0.9,
        score: expect.closeTo(0.9526, 4) as number,
      },
      {
        policy: 'fraud',
        policyVersion: '1',
        band: 'review',
        threshold: 0.5,
        score: expect.closeTo(0.5622, 4) as number,
      },
    ]);
    // an empty title and a missing price: logits 0 and 0 + 1
    expect(results[1]?.decisions.map(({ band }) => band)).toEqual(['pass', 'review']);
  });

  it('answers a broken image with 422 and an image bomb with 413, naming the image', async () => {
    const config = {
      preprocess: preprocessSchema.parse({ image: { height: 8, width: 8, maxImages: 2 } }),
      data: { columns: { numeric: [], categorical: [] }, maxImagePixels: 100 },
    };
    const preprocessor = await fitPreprocessor(config, (async function* () {})());
    slot.current = toyModel(runner, { encode: requestEncoder(preprocessor) });
    const broken = Buffer.from(PNG_4X2, 'base64').subarray(0, 40).toString('base64');
    expect(
      await post('/v1/decisions', { listings: [{ text: { title: 'x' } }, { images: [PNG_4X2, broken] }] }),
    ).toMatchObject([
      422,
      {
        code: 'IMAGE_INVALID',
        error: expect.stringMatching(/^listings\[1\]\.images\[1\]: An image cannot/) as string,
      },
    ]);
    expect(await post('/v1/decisions', { listing: { images: [PNG_20X20] } })).toMatchObject([
      413,
      { code: 'IMAGE_TOO_LARGE' },
    ]);
  });

  it('reads an empty or blank category or text as a missing one', async () => {
    const config = {
      preprocess: preprocessSchema.parse({
        text: {
          fields: ['title', 'description'],
          wordNgrams: [1, 1],
          charNgrams: null,
          buckets: 11,
          maxTokens: 3,
        },
      }),
      data: { columns: { numeric: [], categorical: ['category'] }, maxImagePixels: 100 },
    };
    const record = {
      id: '1',
      text: { title: 'gun' },
      images: [],
      numeric: {},
      categorical: { category: 'toys' },
    };
    const preprocessor = await fitPreprocessor(
      config,
      (async function* () {
        yield await Promise.resolve(record);
      })(),
    );
    const encoded: unknown[] = [];
    const model = toyModel(runner);
    slot.current = toyModel(runner, {
      encode: async (records) => {
        encoded.push(await preprocessor.encodeBatch(records));
        return model.encode(records);
      },
    });
    const blank = [
      { text: {}, categorical: {} },
      ...['', ' ', '\t\n'].map((empty) => ({ text: { title: empty }, categorical: { category: empty } })),
    ];
    for (const listing of [...blank, { text: { title: 'gun' }, categorical: { category: 'toys' } }])
      expect((await post('/v1/decisions', { listing: { ...listing, numeric: { price: 1 } } }))[0]).toBe(200);
    const [missing, ...others] = encoded;
    const known = others.pop();
    for (const other of others) expect(other).toEqual(missing);
    expect(known).not.toEqual(missing);
  });

  it.each([
    {},
    { text: {} },
    { text: { title: ' ', description: '\t' } },
    { id: 'x', images: [], numeric: { price: null }, categorical: { category: '' } },
  ])('does not give the empty listing %j a score', async (empty) => {
    expect(await post('/v1/decisions', { listings: [{ text: { title: 'gun' } }, empty] })).toMatchObject([
      422,
      {
        code: 'REQUEST_INVALID',
        error: expect.stringContaining(
          'listings[1] holds nothing that the model reads; a listing needs text, an image or a field',
        ) as string,
      },
    ]);
    expect(runner.calls).toEqual([]);
  });

  it.each([
    { text: { description: 'x' } },
    { numeric: { price: 0 } },
    { categorical: { category: 'toys' } },
    { images: [PNG_4X2] },
  ])('takes %j as a listing', async (listing) => {
    expect((await post('/v1/decisions', { listing }))[0]).toBe(200);
  });

  it('answers broken JSON without repeating it', async () => {
    const [status, { code, error }] = await post('/v1/decisions', '{"listing": "my secret');
    expect([status, code]).toEqual([400, 'REQUEST_INVALID']);
    expect(error).not.toContain('secret');
  });

  it('refuses other content types and unknown routes', async () => {
    const text = await service.inject({
      method: 'POST',
      url: '/v1/decisions',
      payload: 'x',
      headers: { 'content-type': 'text/plain' },
    });
    expect([text.statusCode, text.json()]).toMatchObject([415, { code: 'REQUEST_INVALID' }]);
    expect(await get('/v3/secret')).toEqual([
      404,
      { code: 'ROUTE_NOT_FOUND', error: expect.not.stringContaining('secret') as string },
    ]);
  });

  it('answers a logit that is not finite with 422, not with null', async () => {
    jest
      .spyOn(runner, 'infer')
      .mockResolvedValue({ logit_BK: { shape: [1, 2], data: Float32Array.of(0, Number.POSITIVE_INFINITY) } });
    for (const [url, body] of [
      ['/v2/models/toys/infer', { inputs }],
      ['/v1/decisions', { listing: { text: { title: 'x' } } }],
    ] as const)
      expect(await post(url, body)).toMatchObject([422, { code: 'NON_FINITE' }]);
  });

  it('hides the reason of an unexpected failure', async () => {
    jest.spyOn(runner, 'infer').mockRejectedValue(new Error('secret path /srv/model'));
    const [status, body] = await post('/v2/models/toys/infer', { inputs });
    expect([status, body.code]).toEqual([500, 'INTERNAL']);
    expect(body.error).not.toContain('secret');
  });

  it('refuses more requests at once than allowed, then accepts again', async () => {
    const answers = await Promise.all(
      [1, 2, 3].map(() =>
        service.inject({ method: 'POST', url: '/v2/models/toys/infer', payload: { inputs } }),
      ),
    );
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 200, 429]);
    expect(answers.find(({ statusCode }) => statusCode === 429)?.headers['retry-after']).toBe('1');
    expect((await post('/v2/models/toys/infer', { inputs }))[0]).toBe(200);
  });

  it('refuses a body beyond the limit while it is still being sent', async () => {
    await service.listen({ host: '127.0.0.1', port: 0 });
    const { port } = service.server.address() as AddressInfo;
    for (const announced of [true, false]) {
      const answer = await sendForever(port, announced);
      expect(answer).toMatchObject({ status: 413, body: { code: 'REQUEST_TOO_LARGE' } });
      expect(answer.sentBytes).toBeLessThan(50_000_000);
    }
  });
});

/** Sends up to 50 MB and stops at the first answer. */
function sendForever(
  port: number,
  announced: boolean,
): Promise<{ status: number | undefined; body: unknown; sentBytes: number }> {
  const size = 50_000_000;
  const chunk = Buffer.alloc(100_000, 'a');
  return new Promise((resolve, reject) => {
    let sentBytes = 0;
    let answered = false;
    const headers = { 'content-type': 'application/json', ...(announced ? { 'content-length': size } : {}) };
    const outgoing = httpRequest(
      { host: '127.0.0.1', port, method: 'POST', path: '/v1/decisions', headers },
      (response) => {
        answered = true;
        let text = '';
        response.on('data', (part: Buffer) => (text += part.toString()));
        response.on('end', () => {
          outgoing.destroy();
          resolve({ status: response.statusCode, body: JSON.parse(text), sentBytes });
        });
      },
    );
    outgoing.on('error', (error) => answered || reject(error));
    const send = (): void => {
      if (answered || sentBytes >= size) return;
      sentBytes += chunk.length;
      outgoing.write(chunk, () => setImmediate(send));
    };
    send();
  });
}
