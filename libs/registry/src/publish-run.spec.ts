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
    const flat = flattenConfig({ a: 'x'.repeat(7000), left: undefined });
    expect(Object.keys(flat)).toEqual(['a']);
    expect(flat['a']).toHaveLength(6000);
  });

  it('loses no field whose name has letters that MLflow does not take, or is too long for it', () => {
    const long = 'n'.repeat(250);
    const flat = flattenConfig({ 題名: 'title', 説明: 'description', [`${long}1`]: 1, [`${long}2`]: 2 });
    expect(Object.values(flat).sort()).toEqual(['1', '2', 'description', 'title']);
    for (const name of Object.keys(flat)) expect(name).toMatch(/^[/\w.\- :]{1,250}$/);
  });
});
