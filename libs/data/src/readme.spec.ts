import { join } from 'node:path';
import { expectReadmeShows, withTempDir } from '@assay/testing';
import { PreparedData, prepareStage } from './index.js';
import { tinySource } from './tiny-source.fixture.js';

beforeAll(() => (process.env['ASSAY_QUIET'] = '1'));
afterAll(() => delete process.env['ASSAY_QUIET']);

describe('README', () => {
  it('shows an example that works', () =>
    withTempDir(async (folder) => {
      expect.hasAssertions();
      const { loaded } = await tinySource(folder);
      // example
      const { dir } = await prepareStage({ loaded, dir: join(folder, 'prepared') });
      const data = await PreparedData.open(dir);
      await using loader = data.openLoader('train', { batchSize: 64, seed: 7, threads: 0 });
      for await (const { ids, inputs, label_BK } of loader.epoch(0)) {
        expect(inputs.present_BM?.shape).toEqual([ids.length, 3]);
        expect(label_BK).toHaveLength(ids.length * data.labels.names.length);
      }
      // end
      expectReadmeShows(__filename);
    }));
});
