import { expectClose, expectNoLeak, expectReadmeShows } from '@assay/testing';
import { tf } from './index.js';

describe('README', () => {
  it('shows an example that works', () =>
    expectNoLeak(tf, () => {
      // example
      const product = tf.tidy(() => tf.matMul([[1, 2]], [[3], [4]]).dataSync()); // 1 × 3 + 2 × 4 = 11
      // end
      expectClose(product, [11]);
      expectReadmeShows(__filename);
    }));
});
