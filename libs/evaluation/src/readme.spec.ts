import { expectClose, expectReadmeShows } from '@assay/testing';
import { averagePrecision } from './index.js';

describe('README', () => {
  it('shows an example that works', () => {
    // example
    const figure = averagePrecision([0.9, 0.8, 0.7, 0.6], [1, 0, 1, 0]); // (1/1 + 2/3) / 2 = 5/6
    // end
    expectClose([figure ?? Number.NaN], [5 / 6], { absolute: 1e-12 });
    expectReadmeShows(__filename);
  });
});
