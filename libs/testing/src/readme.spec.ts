import { expectClose, expectReadmeShows } from './index.js';

describe('README', () => {
  it('shows an example that works', () => {
    // example
    expectClose([1, 2.0000001], [1, 2]);
    expect(() => expectClose([1, 2.1], [1, 2])).toThrow('number 1 is 2.1, expected 2 ± 0.000001');
    // end
    expectReadmeShows(__filename);
  });
});
