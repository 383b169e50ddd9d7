import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

describe('kernels', () => {
  it('are what their source gives', () => {
    const script = join(__dirname, '../../scripts/build-kernels.mjs');
    expect(() => execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' })).not.toThrow();
  });
});
