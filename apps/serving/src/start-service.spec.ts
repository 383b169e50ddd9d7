import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, sha256OfBytes } from '@assay/core';
import { tinyBundle } from '@assay/registry/testing';
import { tf } from '@assay/tensorflow';
import type { DecisionResponse } from './decision-routes.js';
import { startService, type StartOptions } from './start-service.js';

describe('startService', () => {
  let dir: string;
  let bundleDir: string;
  const logLevel = process.env['ASSAY_LOG_LEVEL'];
  beforeAll(async () => {
    process.env['ASSAY_LOG_LEVEL'] = 'silent';
    dir = mkdtempSync(join(tmpdir(), 'assay-serving-'));
    ({ bundleDir } = await tinyBundle(join(dir, 'tiny')));
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

  it('decides requests that share a call of the model as it decides each alone', async () => {
    const service = await startService(options());
    const listings = [0, 7, 30, 59].map((price) => ({ text: { title: 'old sword' }, numeric: { price } }));
    const decide = (listing: unknown): ReturnType<typeof post> =>
      post(`${service.url}/v1/decisions`, { listing });
    const together = await Promise.all(listings.map(decide));
    for (const [i, listing] of listings.entries()) expect(together[i]).toEqual(await decide(listing));
    await service.close();
  });

  it('decides the records of the bundle as evaluation did', async () => {
    const golden = JSON.parse(readFileSync(join(bundleDir, 'golden/decisions.json'), 'utf8')) as {
      records: { id: string; bands: Record<string, string> }[];
    };
    const rows = readFileSync(join(dir, 'tiny/listings.csv'), 'utf8').trim().split('\n').slice(1);
    const listings = golden.records.map(({ id }) => {
      const [, title = '', price = ''] = rows.find((row) => row.startsWith(`${id},`))?.split(',') ?? [];
      return { id, text: { title }, numeric: { price: price === '' ? null : Number(price) } };
    });
    const service = await startService(options());
    const { results } = (await post(`${service.url}/v1/decisions`, { listings })).body as DecisionResponse;
    await service.close();
    const bands = results.map(({ id, decisions }) => ({
      id,
      bands: Object.fromEntries(decisions.map(({ policy, band }) => [policy, band])),
    }));
    expect(bands).toEqual(golden.records);
    expect(new Set(bands.map((record) => record.bands['fraud']))).toEqual(new Set(['review', 'pass']));
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

  it('serves nothing of a bundle with a flipped byte, whichever file it is in', async () => {
    const first = await startService(options());
    const port = Number(new URL(first.url).port);
    await first.close();
    const files = readdirSync(bundleDir, { recursive: true, withFileTypes: true }).filter((file) =>
      file.isFile(),
    );
    expect(files.length).toBeGreaterThan(8);
    for (const { parentPath, name } of files) {
      const file = join(parentPath, name);
      const bytes = readFileSync(file);
      writeFileSync(file, Buffer.from(bytes.map((byte, i) => (i === bytes.length >> 1 ? byte ^ 1 : byte))));
      await expect(startService(options({ port }))).rejects.toMatchObject({ code: 'BUNDLE_CORRUPT' });
      await expect(fetch(`http://127.0.0.1:${port}/v2/health/live`)).rejects.toThrow();
      writeFileSync(file, bytes);
    }
    await (await startService(options({ port }))).close();
  });

  /** Starts the bundle with its preprocessor changed and its manifest made anew, as if it had been published so. */
  const startChanged = async (change: (preprocessor: { numeric: { columns: object[] } }) => void) => {
    const [file, manifestFile] = ['preprocessor.json', 'manifest.sha256.json'].map((name) =>
      join(bundleDir, name),
    );
    const [before, manifestBefore] = [readFileSync(file!, 'utf8'), readFileSync(manifestFile!, 'utf8')];
    const preprocessor = JSON.parse(before) as { numeric: { columns: object[] } };
    const manifest = JSON.parse(manifestBefore) as { files: Record<string, unknown> };
    change(preprocessor);
    const text = JSON.stringify(preprocessor);
    manifest.files['preprocessor.json'] = { sizeBytes: Buffer.byteLength(text), sha256: sha256OfBytes(text) };
    writeFileSync(file!, text);
    writeFileSync(manifestFile!, JSON.stringify(manifest));
    try {
      await (await startService(options())).close();
    } finally {
      writeFileSync(file!, before);
      writeFileSync(manifestFile!, manifestBefore);
    }
  };

  it('does not let a bundle take traffic whose preprocessor makes other model input than when it was fitted', async () => {
    await expect(startChanged(() => undefined)).resolves.toBeUndefined();
    await expect(
      startChanged(({ numeric }) => Object.assign(numeric.columns[0]!, { mean: 1 })),
    ).rejects.toMatchObject({
      code: 'GOLDEN_MISMATCH',
      message: expect.stringContaining('numeric_BF of the probe') as string,
    });
  });

  it('does not serve a bundle from before preprocessors had a probe', async () => {
    await expect(
      startChanged((preprocessor) => Object.assign(preprocessor, { schemaVersion: 1, probe: undefined })),
    ).rejects.toMatchObject({ code: 'FILE_CORRUPT' });
  });

  it('does not write the name of the logger and that of the model under one key', async () => {
    const logger = createLogger('test', 'silent');
    const info = jest.spyOn(logger, 'info');
    await (await startService(options({ logger }))).close();
    const [fields] = info.mock.calls.find(([, message]) => message === 'ready') ?? [];
    expect(fields).toMatchObject({ model: 'tiny', version: 'local' });
    expect(fields).not.toHaveProperty('name');
  });

  it.each([
    [{ port: 65_536 }, 'port is 65536'],
    [{ port: Number.NaN }, 'port is NaN'],
    [{ maxBatch: 0 }, 'maxBatch is 0'],
    [{ maxBatch: 1.5 }, 'maxBatch is 1.5'],
    [{ maxBodyBytes: -1 }, 'maxBodyBytes is -1'],
    [{ maxBodyBytes: 2 ** 40 }, 'maxBodyBytes is 1099511627776'],
    [{ host: '192.0.2.1' }, "host is '192.0.2.1', which is no address of this machine"],
  ])('refuses %j, naming the option', async (changes, message) => {
    await expect(startService(options(changes))).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining(message) as string,
    });
  });

  it('closes when it is told to stop', async () => {
    const stop = new AbortController();
    const logger = createLogger('test', 'silent');
    const info = jest.spyOn(logger, 'info');
    const service = await startService(options({ signal: stop.signal, logger }));
    expect(info).not.toHaveBeenCalledWith('stopping');
    stop.abort();
    expect(info).toHaveBeenCalledWith('stopping');
    await service.closed;
    await expect(fetch(service.url)).rejects.toThrow();
    await service.close();
  });

  it('stops loading before its next step when it is told to stop', async () => {
    const stop = new AbortController();
    const starting = startService(
      options({ source: { bundleDir: join(dir, 'missing') }, signal: stop.signal }),
    );
    stop.abort();
    await expect(starting).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });

  it('does not start when it was told to stop before', async () => {
    await expect(startService(options({ signal: AbortSignal.abort() }))).rejects.toMatchObject({
      code: 'INTERRUPTED',
    });
  });
});
