import { parse } from 'yaml';
import { mlModelText } from './ml-model-file.js';

const facts = {
  pipeline: 'listings',
  inputs: { token_BL: { dtype: 'int32', shape: [-1, 3] } },
  outputs: { logit_BK: { dtype: 'float32', shape: [-1, 2] } },
  bundleSchemaVersion: 1,
} as const;

describe('mlModelText', () => {
  it('names the saved model for the tensorflow flavour', () => {
    const { flavors } = parse(mlModelText(facts)) as { flavors: Record<string, unknown> };
    expect(Object.keys(flavors)).toEqual(['tensorflow', 'assay']);
    expect(flavors['tensorflow']).toEqual({
      model_type: 'tf2-module',
      saved_model_dir: 'saved_model',
      code: null,
    });
  });

  it('gives the signature as JSON strings, not as YAML structures', () => {
    const { signature } = parse(mlModelText(facts)) as { signature: Record<string, string> };
    expect(signature['inputs']).toBe(
      '[{"type":"tensor","name":"token_BL","tensor-spec":{"dtype":"int32","shape":[-1,3]}}]',
    );
    expect(JSON.parse(signature['outputs'] ?? '')).toHaveLength(1);
  });

  it('gives equal models equal bytes', () => {
    expect(mlModelText(facts)).toBe(mlModelText({ ...facts }));
    expect(mlModelText(facts)).not.toMatch(/time|uuid|run_id|model_id/);
  });
});
