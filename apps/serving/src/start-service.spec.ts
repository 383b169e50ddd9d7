import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@assay/core';
import { tinyBundle } from '@assay/registry/testing';
import { tf } from '@assay/tensorflow';
import type { DecisionResponse } from './decision-routes.js';
import { startService, type StartOptions } from './start-service.js';

describe('startService', () => {
  let dir: string;
  let bundleDir: string;
  let manifestDigest: string;
  const logLevel = process.env['ASSAY_LOG_LEVEL'];
  beforeAll(async () => {
    process.env['ASSAY_LOG_LEVEL'] = 'silent';
    dir = mkdtempSync(join(tmpdir(), 'assay-serving-'));
    ({ bundleDir, manifestDigest } = await tinyBundle(join(dir, 'tiny')));
  });
  afterAll(() => {
    rmSync(dir, { recursive: true, force: true });
    if (logLevel === undefined) delete process.env['ASSAY_LOG_LEVEL'];
    else process.env['ASSAY_LOG_LEVEL'] = logLevel;
  });

  const options = (changes: Partial<StartOptions> = {}): StartOptions => ({
    source: { bundleDir },
    host: '127.0.0.1',
    port: 0,
    maxBodyBytes: 1_000_000,
    maxBatch: 16,
    logger: createLogger('test', 'silent'),
    ...changes,
  });
  const post = async (url: string, body: unknown): Promise<{ status: number; body: unknown }> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  };

  it('decides listings as its README shows', async () => {
    const example =
      /```ts\n([^`]+)```/.exec(readFileSync(join(__dirname, '../README.md'), 'utf8'))?.[1] ?? '';
    for (const line of example.trim().split('\n')) expect(readFileSync(__filename, 'utf8')).toContain(line);
    const service = await startService({
      source: { bundleDir },
      host: '127.0.0.1',
      port: 0,
      maxBodyBytes: 20_000_000,
      maxBatch: 64,
    });
    const response = await fetch(`${service.url}/v1/decisions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ listing: { text: { title: 'Brass lamp' }, numeric: { price: 25 } } }),
    });
    const { model, results } = (await response.json()) as DecisionResponse;
    await service.close();
    expect(model).toEqual({ name: 'tiny', version: 'local', manifestDigest });
    expect(results).toHaveLength(1);
    expect(results[0]?.decisions.map(({ policy }) => policy)).toEqual(['weapons', 'fraud']);
  });

  it('decides listings of one request and of several in the same way', async () => {
    const service = await startService(options());
    const cheap = { id: 'a', text: { title: 'old sword 1' }, numeric: { price: 0 } };
    const dear = { id: 'b', text: { title: 'wool hat 2' }, numeric: { price: 59 } };
    const both = (await post(`${service.url}/v1/decisions`, { listings: [cheap, dear] }))
      .body as DecisionResponse;
    const alone = (await post(`${service.url}/v1/decisions`, { listing: dear })).body as DecisionResponse;
    expect(both.results.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(alone.results[0]).toEqual(both.results[1]);
    const [low, high] = both.results.map(({ decisions }) => decisions[1]!.score);
    expect(low).toBeLessThan(high!); // the price raises the second logit
    await service.close();
  });

  it('leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    const service = await startService(options());
    await post(`${service.url}/v1/decisions`, { listing: { text: { title: 'x' } } });
    await service.close();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('names the port that another process has', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    await expect(startService(options({ port }))).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringContaining(String(port)) as string,
    });
    other.close();
  });

  it('does not serve a bundle with a flipped byte, and frees the port', async () => {
    const file = join(bundleDir, 'operating-points.json');
    const bytes = readFileSync(file);
    writeFileSync(file, Buffer.from(bytes.map((byte, i) => (i === 5 ? byte ^ 1 : byte))));
    await expect(startService(options())).rejects.toMatchObject({ code: 'BUNDLE_CORRUPT' });
    writeFileSync(file, bytes);
    await (await startService(options())).close();
  });

  it('closes when it is told to stop', async () => {
    const stop = new AbortController();
    const service = await startService(options({ signal: stop.signal }));
    stop.abort();
    await service.closed;
    await expect(fetch(service.url)).rejects.toThrow();
    await service.close();
  });

  it('does not start when it was told to stop before', async () => {
    await expect(startService(options({ signal: AbortSignal.abort() }))).rejects.toMatchObject({
      code: 'INTERRUPTED',
    });
  });
});
