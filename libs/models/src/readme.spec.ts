import { expectReadmeShows } from '@assay/testing';
import { createModel } from './index.js';

describe('README', () => {
  it('shows an example that works', () => {
    // example
    const { numParameters } = createModel({
      model: {
        tabular: { dim: 4, categoryDim: 2 },
        fusion: 'concat',
        hiddenDim: 8,
        dropout: 0,
        modalityDropout: 0,
      },
      inputs: {
        numeric_BF: { dtype: 'float32', shape: [6] },
        present_BM: { dtype: 'float32', shape: [3] },
      },
      vocabularySize: 0,
      categorySizes: [],
      labels: { kind: 'multi-label', names: ['weapons', 'counterfeit'] },
    }); // 28 (numbers) + 48 (hidden: 4 features and 1 presence bit) + 18 (head) = 94
    // end
    expect(numParameters).toBe(94);
    expectReadmeShows(__filename);
  });
});
