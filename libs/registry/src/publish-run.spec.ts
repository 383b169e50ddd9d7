import { flattenConfig } from './publish-run.js';

describe('flattenConfig', () => {
  it('names each value by its path; lists and null are JSON', () => {
    expect(
      flattenConfig({
        name: 'tiny',
        train: { batchSize: 64, lr: 0.001 },
        gates: [{ atLeast: 0.5 }],
        ngrams: null,
        off: false,
      }),
    ).toEqual({
      name: 'tiny',
      'train.batchSize': '64',
      'train.lr': '0.001',
      gates: '[{"atLeast":0.5}]',
      ngrams: 'null',
      off: 'false',
    });
  });

  it('keeps to the limits of MLflow', () => {
    const flat = flattenConfig({ 'a|b': 'x'.repeat(7000), left: undefined });
    expect(Object.keys(flat)).toEqual(['a_b']);
    expect(flat['a_b']).toHaveLength(6000);
  });
});
