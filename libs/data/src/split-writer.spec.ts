import type { InputSpecs } from '@assay/preprocess';
import { rowsPerShard } from './split-writer.js';

describe('rowsPerShard', () => {
  it('makes no shard of more than 256 MiB', () => {
    // one row: 8 images of 512 × 512 × 3 bytes and 4096 tokens of 4 bytes = 6,307,840 bytes; 2^28 / 6,307,840 = 42.6
    const specs: InputSpecs = {
      image_BIHWC: { dtype: 'uint8', shape: [8, 512, 512, 3] },
      token_BL: { dtype: 'int32', shape: [4096] },
    };
    expect(rowsPerShard(specs, 1024)).toBe(42);
    expect(rowsPerShard(specs, 10)).toBe(10);
  });
});
