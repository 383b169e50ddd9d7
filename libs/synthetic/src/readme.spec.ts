import { join } from 'node:path';
import { expectReadmeShows, withTempDir } from '@assay/testing';
import { synthesizeListings } from './index.js';

jest.setTimeout(30_000);

describe('README', () => {
  it('shows an example that works', () =>
    withTempDir(async (folder) => {
      // example
      const outDir = join(folder, 'listings');
      const { labelCounts } = await synthesizeListings({ rows: 20, seed: 7, outDir });
      expect(labelCounts).toEqual({ weapons: 3, counterfeit: 3, unsafe_claim: 2 });
      // end
      expectReadmeShows(__filename);
    }));
});
