import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MlflowClient, MlflowError } from './index.js';

type Handler = (request: IncomingMessage & { body: string }, response: ServerResponse) => void;

/** Whether this machine lets the test mount a small disk of its own. */
const canMount = ((): boolean => {
  const probe = mkdtempSync(join(tmpdir(), 'mlflow-client-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', probe], { stdio: 'ignore' });
    execFileSync('umount', [probe]);
    return true;
  } catch {
    return false; // no rights, or no mount here
  } finally {
    rmSync(probe, { recursive: true });
  }
})();

let server: Server;
let handler: Handler;
let requests: { method: string; url: string; body: string; headers: IncomingMessage['headers'] }[];
let baseUrl: string;

beforeEach(async () => {
  requests = [];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      requests.push({ method: request.method ?? '', url: request.url ?? '', body, headers: request.headers });
      handler(Object.assign(request, { body }), response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const json = (response: ServerResponse, status: number, value: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
};
const text = (response: ServerResponse, status: number, value: string, headers = {}): void => {
  response.writeHead(status, { 'content-type': 'text/html', ...headers }).end(value);
};
/** A client whose pauses take no time and are recorded. */
function impatient(options: Partial<ConstructorParameters<typeof MlflowClient>[0]> = {}): {
  client: MlflowClient;
  pauses: number[];
} {
  const pauses: number[] = [];
  let clock = 0;
  const sleep = (ms: number): Promise<void> => {
    pauses.push(ms);
    clock += ms;
    return Promise.resolve();
  };
  return {
    client: new MlflowClient({ baseUrl, random: () => 0.5, now: () => clock, sleep, ...options }),
    pauses,
  };
}
const EXPERIMENT = { experiment: { experiment_id: '7', name: 'e', tags: [{ key: 'team', value: 'trust' }] } };
const answers = (...steps: Handler[]): void => {
  handler = (request, response) => (steps.length > 1 ? steps.shift()! : steps[0]!)(request, response);
};
const ok: Handler = (_, response) => json(response, 200, EXPERIMENT);

test('an answer is parsed, with tags by key', async () => {
  answers(ok);
  expect(await impatient().client.experiments.get('7')).toMatchObject({
    experimentId: '7',
    tags: { team: 'trust' },
  });
  expect(requests[0]).toMatchObject({
    method: 'GET',
    url: '/api/2.0/mlflow/experiments/get?experiment_id=7',
  });
});

test('a path prefix, credentials and own headers go with every request', async () => {
  answers(ok);
  const env = {
    MLFLOW_TRACKING_URI: `${baseUrl}/prefix/`,
    MLFLOW_TRACKING_USERNAME: 'u',
    MLFLOW_TRACKING_PASSWORD: 'p',
    MLFLOW_TRACKING_TOKEN: 't',
  };
  await MlflowClient.fromEnvironment(env, { headers: { 'x-mlflow-workspace': 'w' } }).experiments.get('7');
  expect(requests[0]!.url).toMatch(/^\/prefix\/api\/2\.0\/mlflow\//);
  expect(requests[0]!.headers).toMatchObject({
    authorization: `Basic ${Buffer.from('u:p').toString('base64')}`,
    'x-mlflow-workspace': 'w',
  });
  await MlflowClient.fromEnvironment({ ...env, MLFLOW_TRACKING_PASSWORD: undefined }).experiments.get('7');
  expect(requests[1]!.headers.authorization).toBe('Bearer t');
});

test.each([
  ['an HTML 500 of a proxy', (r: ServerResponse) => text(r, 500, '<html>oops</html>')],
  ['a 503', (r: ServerResponse) => json(r, 503, { error_code: 'TEMPORARILY_UNAVAILABLE', message: 'busy' })],
  [
    'a 400 of a full connection pool',
    (r: ServerResponse) =>
      json(r, 400, { error_code: 'BAD_REQUEST', message: 'QueuePool limit of size 5 reached' }),
  ],
  ['a dropped connection', (r: ServerResponse) => r.destroy()],
])('%s is tried again', async (_what, fail) => {
  answers(
    (_, r) => fail(r),
    (_, r) => fail(r),
    ok,
  );
  const { client, pauses } = impatient();
  expect(await client.experiments.get('7')).toMatchObject({ name: 'e' });
  expect(pauses).toEqual([200, 400]); // half of 200·2¹ and 200·2²
});

test.each([
  [
    'INVALID_STATE, though it is a 500',
    (r: ServerResponse) => json(r, 500, { error_code: 'INVALID_STATE', message: 'deleted' }),
  ],
  [
    'a text 503 of a server without artifact proxy',
    (r: ServerResponse) =>
      text(r, 503, 'Endpoint: /x disabled due to the mlflow server running with `--no-serve-artifacts`.'),
  ],
  ['a 501', (r: ServerResponse) => json(r, 501, { error_code: 'NOT_IMPLEMENTED', message: 'no' })],
  ['a text 403', (r: ServerResponse) => text(r, 403, 'Permission denied')],
  ['a 400', (r: ServerResponse) => json(r, 400, { error_code: 'INVALID_PARAMETER_VALUE', message: 'bad' })],
])('%s is not tried again', async (_what, fail) => {
  answers((_, r) => fail(r));
  await expect(impatient().client.experiments.get('7')).rejects.toMatchObject({ kind: 'http', attempts: 1 });
  expect(requests).toHaveLength(1);
});

test('the pause that the server asks for is kept', async () => {
  answers((_, r) => text(r, 429, 'slow down', { 'retry-after': '3' }), ok);
  const { client, pauses } = impatient();
  await client.experiments.get('7');
  expect(pauses).toEqual([3000]);
});

test('the deadline ends the attempts with an error that says how many there were', async () => {
  answers((_, r) => text(r, 502, 'bad gateway'));
  const error = await impatient({ deadlineMs: 3500 })
    .client.experiments.get('7')
    .catch((e: unknown) => e);
  expect(error).toBeInstanceOf(MlflowError);
  expect(error).toMatchObject({ kind: 'http', status: 502, attempts: 5 }); // 200 + 400 + 800 + 1600 = 3000, then 3200 more
});

test('nobody listening is unreachable, with the address', async () => {
  const { client } = impatient({ baseUrl: 'http://127.0.0.1:9', deadlineMs: 100 });
  const error = (await client.experiments.get('7').catch((e: unknown) => e)) as MlflowError;
  expect([error.kind, error.status]).toEqual(['unreachable', undefined]);
  expect(error.message).toContain('http://127.0.0.1:9 did not answer');
});

test('an answer of another shape, or no JSON, is an invalid response', async () => {
  answers(
    (_, r) => json(r, 200, { experiment: { name: 5 } }),
    (_, r) => text(r, 200, '<html>'),
  );
  const { client } = impatient();
  await expect(client.experiments.get('7')).rejects.toMatchObject({ kind: 'invalid-response' });
  await expect(client.experiments.get('7')).rejects.toMatchObject({ kind: 'invalid-response' });
});

test('a redirect is not followed, for it could carry the credentials elsewhere, and not tried again', async () => {
  answers((_, r) => text(r, 302, '', { location: `${baseUrl}/elsewhere` }));
  const failed = impatient().client.experiments.get('7');
  await expect(failed).rejects.toMatchObject({ kind: 'http', status: 302, attempts: 1 });
  expect(requests).toHaveLength(1);
});

test('a server that does not speak TLS is not tried again until the deadline', async () => {
  const failed = impatient({ baseUrl: baseUrl.replace('http:', 'https:') }).client.experiments.get('7');
  await expect(failed).rejects.toMatchObject({ kind: 'unreachable', attempts: 1 });
});

test('user and password in the address are sent as a header and never printed', async () => {
  answers(ok, (_, r) => text(r, 404, 'none'));
  const address = baseUrl.replace('//', '//ada:s%33cret@');
  const { client } = impatient({ baseUrl: address });
  await client.experiments.get('7');
  expect(requests[0]!.headers.authorization).toBe(`Basic ${Buffer.from('ada:s3cret').toString('base64')}`);
  const messageOf = (action: () => unknown): Promise<string> =>
    Promise.resolve()
      .then(action)
      .then(String, (error: Error) => error.message);
  const messages = [
    await messageOf(() => client.experiments.get('7')),
    await messageOf(() =>
      impatient({ baseUrl: 'http://ada:s3cret@127.0.0.1:9' }).client.experiments.get('7'),
    ),
    await messageOf(() => impatient({ baseUrl: 'ftp://ada:s3cret@host' })),
    await messageOf(() => impatient({ baseUrl: 'http://ada:s3cret@ho st' })),
  ];
  expect(messages).toEqual([
    expect.stringContaining('status 404'),
    expect.stringContaining('http://127.0.0.1:9 did not answer'),
    expect.stringContaining("'ftp://host'"),
    expect.stringContaining("'http://ho st'"),
  ]);
  expect(messages.join()).not.toMatch(/ada|s3cret/);
});

test.each([
  ['password', 'http://ada:s3cret%@host:5000/prefix/'],
  ['user', 'http://ada%zz:s3cret@host:5000/prefix'],
  ['password that is no UTF-8', 'http://ada:s3cret%ff@host:5000/prefix'],
])("a '%%' in the %s is refused with the way to encode it, and no URIError", (_where, baseUrl) => {
  const failure = ((): unknown => {
    try {
      return impatient({ baseUrl });
    } catch (error) {
      return error;
    }
  })();
  expect(failure).toBeInstanceOf(MlflowError);
  const { kind, message, stack } = failure as MlflowError;
  expect(kind).toBe('invalid-argument');
  expect(message).toContain("http://host:5000/prefix has a '%' that encodes no character");
  expect(message).toContain("write '%' as '%25'");
  expect(stack).not.toMatch(/ada|s3cret/);
});

test('a token with a line feed is refused at once and not printed', () => {
  const make = (): unknown => impatient({ authentication: { token: 'tok3n\n' } });
  expect(make).toThrow("header 'authorization'");
  expect(make).not.toThrow('tok3n');
});

test('Retry-After: 0 does not make the client hammer', async () => {
  answers((_, r) => text(r, 429, 'slow down', { 'retry-after': '0' }), ok);
  const { client, pauses } = impatient();
  await client.experiments.get('7');
  expect(pauses).toEqual([200]);
});

test('a health probe is sent once', async () => {
  answers((_, r) => text(r, 503, 'starting'));
  expect(await impatient().client.isHealthy()).toBe(false);
  expect(requests).toHaveLength(1);
});

test.each([
  ['a 429', 429, 'slow down'],
  ['a 503', 503, 'busy'],
  ['a locked database', 500, 'sqlite3.OperationalError: database is locked'],
])(
  'a call that must not be done twice is sent again after %s: nothing was done',
  async (_what, status, body) => {
    answers(
      (_, r) => text(r, status, body),
      (_, r) => json(r, 200, { model_version: { name: 'm', version: '1' } }),
    );
    const { client } = impatient();
    expect(await client.modelVersions.create({ name: 'm', source: 's' })).toMatchObject({ version: '1' });
    expect(requests).toHaveLength(2);
  },
);

test('a call that must not be done twice is not sent again when its answer is lost', async () => {
  answers((_, r) => r.destroy());
  const created = impatient().client.modelVersions.create({ name: 'm', source: 's' });
  await expect(created).rejects.toMatchObject({ kind: 'unreachable', attempts: 1 });
  expect(requests).toHaveLength(1);
});

test('outputs of a run whose answer was lost are not sent twice: the server would refuse them', async () => {
  let stored: unknown;
  handler = (request, response) => {
    if (request.method === 'POST') {
      stored = (JSON.parse(request.body) as { models: unknown }).models;
      response.destroy(); // after the server has committed
    } else {
      const info = { run_id: 'r', experiment_id: '7', status: 'RUNNING' };
      json(response, 200, { run: { info, outputs: { model_outputs: stored } } });
    }
  };
  await impatient().client.runs.outputs('r', [{ modelId: 'm-1', step: 0 }]);
  expect(requests.map(({ method }) => method)).toEqual(['POST', 'GET']);
});

test('a deletion whose answer was lost is a success when the second one finds nothing', async () => {
  const gone: Handler = (_, r) => json(r, 404, { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'gone' });
  answers((_, r) => r.destroy(), gone);
  const { client } = impatient();
  await client.registeredModels.delete('m');
  expect(requests).toHaveLength(2);
  await expect(client.registeredModels.delete('m')).rejects.toMatchObject({ status: 404 });
});

describe('time limits', () => {
  beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] }));
  afterEach(() => jest.useRealTimers());

  /** A server that never answers. */
  const silence: typeof fetch = (_url, init) =>
    new Promise((_resolve, reject) => {
      const signal = init!.signal!;
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    });

  test('the deadline also ends an attempt that has more time of its own', async () => {
    const client = new MlflowClient({ baseUrl, timeoutMs: 60_000, deadlineMs: 1000, fetch: silence });
    const outcome = client.experiments.get('7').catch((error: unknown) => error);
    await jest.advanceTimersByTimeAsync(1000);
    expect(await outcome).toMatchObject({
      kind: 'unreachable',
      attempts: 1,
      message: expect.stringContaining('nothing happened for 1000 ms') as string,
    });
  });

  test('a download that flows steadily is not given up, however long it takes', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'mlflow-client-'));
    try {
      let left = 4;
      const pull = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
        jest.advanceTimersByTime(40_000);
        if (left-- > 0) controller.enqueue(Buffer.from('part '));
        else controller.close();
      };
      const slow: typeof fetch = (_url, init) => {
        const signal = init!.signal!;
        const start = (controller: ReadableStreamDefaultController<Uint8Array>): void =>
          signal.addEventListener('abort', () => controller.error(signal.reason));
        const body = new ReadableStream({ start, pull }, { highWaterMark: 0 });
        return Promise.resolve(new Response(body, { headers: { 'content-length': '20' } }));
      };
      const client = new MlflowClient({ baseUrl, timeoutMs: 60_000, deadlineMs: 120_000, fetch: slow });
      await client.artifacts.downloadFile('mlflow-artifacts:/7/r', 'a.txt', join(dir, 'a.txt'));
      expect(readFileSync(join(dir, 'a.txt'), 'utf8')).toBe('part part part part ');
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

test('no more requests are in flight than allowed', async () => {
  let inFlight = 0;
  let most = 0;
  answers((_, response) => {
    most = Math.max(most, ++inFlight);
    setTimeout(() => {
      inFlight--;
      json(response, 200, EXPERIMENT);
    }, 5);
  });
  const { client } = impatient({ maxInFlight: 3 });
  await Promise.all(Array.from({ length: 20 }, () => client.experiments.get('7')));
  expect(most).toBe(3);
});

test('a page token that comes twice ends the search instead of looping', async () => {
  answers((_, r) => json(r, 200, { experiments: [EXPERIMENT.experiment], next_page_token: 'again' }));
  const walk = async (): Promise<void> => {
    for await (const experiment of impatient().client.experiments.search()) expect(experiment.name).toBe('e');
  };
  await expect(walk()).rejects.toMatchObject({ kind: 'invalid-response' });
  expect(requests).toHaveLength(2);
});

test('a run whose creation was not answered is found by its tag, and no second one is made', async () => {
  const run = (tags: unknown) => ({
    info: { run_id: 'r1', experiment_id: '7', status: 'RUNNING', start_time: '5' },
    data: { tags },
  });
  let stored: unknown;
  handler = (request, response) => {
    if (request.url?.endsWith('runs/create') === true) {
      stored = (JSON.parse(request.body) as { tags: unknown }).tags;
      response.destroy(); // after the server has committed
    } else json(response, 200, { runs: [run(stored)] });
  };
  const created = await impatient().client.runs.create({ experimentId: '7' });
  expect(created.info).toMatchObject({ runId: 'r1', startTime: 5 }); // int64 came as text
  expect(requests.filter(({ url }) => url.endsWith('runs/create'))).toHaveLength(1);
  expect(requests[1]!.body).toContain(created.data.tags['mlflow_client_ts.request']);
});

test.each([
  ['a key that climbs', { params: [{ key: '../x', value: '1' }] }],
  ['a number as param', { params: [{ key: 'x', value: 3 as unknown as string }] }],
  ['a param that would be cut', { params: [{ key: 'x', value: 'a'.repeat(6001) }] }],
  ['a step that is no integer', { metrics: [{ key: 'x', value: 1, step: 1.5, timestamp: 1 }] }],
  ['a negative time', { metrics: [{ key: 'x', value: 1, step: 1, timestamp: -1 }] }],
])('%s is refused before anything is sent', async (_what, batch) => {
  answers(ok);
  await expect(impatient().client.runs.logBatch('r', batch)).rejects.toMatchObject({
    kind: 'invalid-argument',
  });
  expect(requests).toEqual([]);
});

test('what JSON cannot hold is sent as text', async () => {
  answers((_, r) => json(r, 200, {}));
  const point = (value: number) => ({ key: 'x', value, step: 0, timestamp: 1 });
  await impatient().client.runs.logBatch('r', { metrics: [point(Number.NaN), point(-Infinity), point(2)] });
  expect(
    (JSON.parse(requests[0]!.body) as { metrics: { value: unknown }[] }).metrics.map(({ value }) => value),
  ).toEqual(['NaN', '-Infinity', 2]);
});

describe('artifacts', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'mlflow-client-'));
    writeFileSync(join(dir, 'a.txt'), 'hello');
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  test('an upload that was answered with 200 and stored nothing is noticed', async () => {
    answers((request, r) =>
      request.method === 'PUT'
        ? text(r, 200, '{}')
        : json(r, 200, { files: [{ path: 'a.txt', is_dir: false }] }),
    );
    const upload = impatient().client.artifacts.uploadFile(
      'mlflow-artifacts:/7/r/artifacts',
      join(dir, 'a.txt'),
      'a.txt',
    );
    await expect(upload).rejects.toMatchObject({ kind: 'invalid-response' });
    expect(requests[0]).toMatchObject({
      method: 'PUT',
      url: '/api/2.0/mlflow-artifacts/artifacts/7/r/artifacts/a.txt',
      body: 'hello',
    });
    expect(requests[0]!.headers['content-length']).toBe('5');
  });

  test('a download that breaks off is tried again, and only a complete file has the name', async () => {
    answers(
      (_, r) => {
        r.writeHead(200, { 'content-length': '10' });
        r.write('half');
        setTimeout(() => r.destroy(), 10);
      },
      (_, r) => text(r, 200, '0123456789'),
    );
    await impatient().client.artifacts.downloadFile(
      'mlflow-artifacts:/7/r',
      'b.bin',
      join(dir, 'down', 'b.bin'),
    );
    expect(readFileSync(join(dir, 'down', 'b.bin'), 'utf8')).toBe('0123456789');
    answers((_, r) => text(r, 404, 'none'));
    await expect(
      impatient().client.artifacts.downloadFile('mlflow-artifacts:/7/r', 'c.bin', join(dir, 'down', 'c.bin')),
    ).rejects.toMatchObject({ status: 404 });
    expect(readdirSync(join(dir, 'down'))).toEqual(['b.bin']);
  });

  test('a file that cannot be written is no silence of the server, and is not tried again', async () => {
    answers((_, r) => text(r, 200, '0123456789'));
    const { client, pauses } = impatient();
    const download = (path: string): Promise<void> =>
      client.artifacts.downloadFile('mlflow-artifacts:/7/r', 'b.bin', path);
    await expect(download(join(dir, 'a.txt', 'below', 'b.bin'))).rejects.toMatchObject({
      kind: 'file',
      cause: { code: 'ENOTDIR' },
    });
    mkdirSync(join(dir, 'taken'));
    await expect(download(join(dir, 'taken'))).rejects.toMatchObject({
      kind: 'file',
      cause: { code: 'EISDIR' },
    });
    expect(pauses).toEqual([]);
    expect(readdirSync(dir).sort()).toEqual(['a.txt', 'taken']);
  });

  (canMount ? test : test.skip)('a full disk never leaves a file that was cut off', async () => {
    const mount = join(dir, 'small');
    mkdirSync(mount);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=32k', 'tmpfs', mount]);
    try {
      answers((_, r) => text(r, 200, 'x'.repeat(40_000)));
      const download = impatient().client.artifacts.downloadFile(
        'mlflow-artifacts:/7/r',
        'b.bin',
        join(mount, 'b.bin'),
      );
      await expect(download).rejects.toMatchObject({ kind: 'file', cause: { code: 'ENOSPC' } });
      expect(readdirSync(mount)).toEqual([]);
      expect(requests).toHaveLength(1);
    } finally {
      execFileSync('umount', [mount]);
    }
  });

  test('an empty file, whose size the server leaves out of its list, is not taken for a missing one', async () => {
    writeFileSync(join(dir, 'empty'), '');
    let files: unknown[] = [{ path: 'empty', is_dir: false }];
    answers((request, r) => (request.method === 'PUT' ? text(r, 200, '{}') : json(r, 200, { files })));
    const upload = (): Promise<void> =>
      impatient().client.artifacts.uploadFile('mlflow-artifacts:/7/r', join(dir, 'empty'), 'empty');
    await upload();
    expect(requests[0]).toMatchObject({ method: 'PUT', body: '', headers: { 'content-length': '0' } });
    files = [];
    await expect(upload()).rejects.toThrow('the server lists no such file');
    files = [{ path: 'empty', is_dir: true }];
    await expect(upload()).rejects.toThrow('the server lists no such file');
  });

  test.each(['../x', 'a//b', 'a/./b', 'a%2e', 'a#b', 'a\\b', ''])(
    'the path %j is refused before anything is sent',
    async (path) => {
      answers(ok);
      await expect(
        impatient().client.artifacts.uploadFile('mlflow-artifacts:/7/r', join(dir, 'a.txt'), path),
      ).rejects.toMatchObject({ kind: 'invalid-argument' });
      expect(requests).toEqual([]);
    },
  );

  test('a server cannot make a download leave its folder', async () => {
    answers((request, r) =>
      request.url?.includes('?path') === true
        ? json(r, 200, { files: [{ path: '../../evil', file_size: 1 }] })
        : text(r, 200, 'x'),
    );
    await expect(
      impatient().client.artifacts.downloadDirectory('mlflow-artifacts:/7/r', join(dir, 'down')),
    ).rejects.toMatchObject({ kind: 'invalid-argument' });
  });

  test('a root that is not proxied is refused with the reason', async () => {
    await expect(impatient().client.artifacts.list('s3://bucket/x')).rejects.toThrow(
      'needs a server that proxies artifacts',
    );
  });
});
