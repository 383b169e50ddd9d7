import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectReadmeShows, withTempDir } from '@assay/testing';
import { ensureLocalServer, stopLocalServer } from './index.js';

jest.setTimeout(120_000);

const SETUP = join(__dirname, '../../../.assay/setup.json');

describe('README', () => {
  it('shows an example that works', () =>
    withTempDir(async (home) => {
      copyFileSync(SETUP, join(home, 'setup.json')); // fails when the set-up has not run: npm run setup
      try {
        // example
        const { uri } = await ensureLocalServer({ home }); // starts one
        const again = await ensureLocalServer({ home }); // finds it
        expect(again).toMatchObject({ uri, started: false });
        // end
        expect((await fetch(`${uri}/health`)).status).toBe(200);
      } finally {
        await stopLocalServer({ home });
      }
      expectReadmeShows(__filename);
    }));
});
