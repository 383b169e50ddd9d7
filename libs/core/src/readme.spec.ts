import { expectReadmeShows } from '@assay/testing';
import { Random } from './index.js';

describe('README', () => {
  it('shows an example that works', () => {
    // example
    const random = new Random(7, 'split');
    random.uniform();
    const share = random.fork('seller/12').uniform(); // the same number in every run, whatever else was drawn
    // end
    expect(share).toBe(new Random(7, 'split').fork('seller/12').uniform());
    expect(share).toBe(0.3032586979475608);
    expectReadmeShows(__filename);
  });
});
