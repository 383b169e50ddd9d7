import { expectReadmeShows } from '@assay/testing';
import { parseConfig } from './index.js';

describe('README', () => {
  it('shows an example that works', () => {
    // example
    const parse = () => parseConfig('trian: { batchSize: 32 }');
    expect(parse).toThrow("unknown key 'trian'; did you mean 'train'?"); // CONFIG_INVALID
    // end
    expect(parse).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }) as Error);
    expectReadmeShows(__filename);
  });
});
