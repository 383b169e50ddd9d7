import { codeVersionOf } from './code-version.js';

test('the version covers the packages that a package depends on', () => {
  expect(codeVersionOf(['@assay/core'])).toMatch(/^[0-9a-f]{64}$/);
  expect(codeVersionOf(['@assay/config'])).toBe(codeVersionOf(['@assay/config', '@assay/core']));
  expect(codeVersionOf(['@assay/config'])).not.toBe(codeVersionOf(['@assay/core']));
});
