import { join } from 'node:path';
import { tinyBundle } from '@assay/registry/testing';
import { expectReadmeShows, withTempDir } from '@assay/testing';
import { startService, type DecisionResponse } from './index.js';

jest.setTimeout(30_000);

const logLevel = process.env['ASSAY_LOG_LEVEL'];
beforeAll(() => (process.env['ASSAY_LOG_LEVEL'] = 'silent'));
afterAll(() => {
  if (logLevel === undefined) delete process.env['ASSAY_LOG_LEVEL'];
  else process.env['ASSAY_LOG_LEVEL'] = logLevel;
});

describe('README', () => {
  it('shows an example that works', () =>
    withTempDir(async (dir) => {
      const { bundleDir, manifestDigest } = await tinyBundle(join(dir, 'tiny'));
      // example
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
      // end
      expect(model).toEqual({ name: 'tiny', version: 'local', manifestDigest });
      expect(results).toHaveLength(1);
      expect(results[0]?.decisions.map(({ policy }) => policy)).toEqual(['weapons', 'fraud']);
      expectReadmeShows(__filename);
    }));
});
