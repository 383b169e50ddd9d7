import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expectClose } from '@assay/testing';

it('a program in a worker thread, fed from shared memory, trains like one here beside it', () => {
  const child = join(__dirname, 'thread-child.fixture.cjs');
  const output = execFileSync(process.execPath, ['-C', '@assay/source', child]);
  const { here, thread, code } = JSON.parse(output.toString()) as Record<'here' | 'thread', number[]> & {
    code: number;
  };
  expect(code).toBe(0);
  expectClose(thread, here, { absolute: 1e-6 });
  expect(here.at(-1)).toBeLessThan(here[0]! / 2);
});
