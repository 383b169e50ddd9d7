import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

it('resident memory and tensors are flat over 1,000 steps', () => {
  const child = join(__dirname, 'memory-child.fixture.cjs');
  const output = execFileSync(process.execPath, ['-C', '@assay/source', '--expose-gc', child]);
  const [before, after] = JSON.parse(output.toString()) as { megabytes: number; tensors: number }[];
  expect(after!.tensors).toBe(before!.tensors);
  expect(Math.abs(after!.megabytes / before!.megabytes - 1)).toBeLessThan(0.02);
});
