import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { createProgress, describeProgress } from './progress.js';

function collector(): { stream: Writable; text: () => string } {
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  return { stream, text: () => text };
}

test('a line tells the count, share, rate and time left', () => {
  const facts = { label: 'train', done: 40, total: 200, unit: 'steps', elapsedSeconds: 5 };
  expect(describeProgress(facts)).toBe('train: 40/200 steps (20 %), 8.0 steps/s, ETA 20 s');
  expect(describeProgress({ ...facts, total: undefined })).toBe('train: 40 steps, 8.0 steps/s');
});

test('away from a terminal there is a line every few seconds and one at the end', () => {
  const { stream, text } = collector();
  let clock = 0;
  const progress = createProgress({
    label: 'read',
    total: 10,
    unit: 'rows',
    stream,
    now: () => clock,
    intervalSeconds: 5,
  });
  for (let done = 1; done <= 10; done++) {
    clock += 1000;
    progress.update(done);
  }
  progress.finish('2 rejected');
  expect(text()).toBe(
    'read: 5/10 rows (50 %), 1.0 rows/s, ETA 5 s\nread: 10/10 rows (100 %), 1.0 rows/s, ETA 0 s\nread: 10 rows in 10.0 s, 2 rejected\n',
  );
});

test('silent says nothing', () => {
  const { stream, text } = collector();
  const progress = createProgress({ label: 'x', total: 1, mode: 'silent', stream, intervalSeconds: 0 });
  progress.update(1);
  progress.finish();
  expect(text()).toBe('');
});

/** Runs code on a terminal of its own; `bar` makes a bar that has begun. A process that hangs has the status null. */
function onTerminal(code: string): { status: number | null; output: string } {
  const child = `
    const { createProgress } = require(${JSON.stringify(join(__dirname, 'progress.ts'))});
    const bar = createProgress({ label: 'work', total: 10, unit: 'steps' });
    bar.update(3);
    ${code}`;
  const terminal = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))';
  const { status, stdout } = spawnSync(
    'python3',
    ['-c', terminal, process.execPath, '-r', '@swc-node/register', '-e', child],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      encoding: 'utf8',
      timeout: 20_000,
      env: { ...process.env, ASSAY_QUIET: '' },
    },
  );
  return { status, output: stdout };
}

const CLEARED_LINE = '\x1b[1G\x1b[2K';

/** Whether the last word about the cursor, if any, is to show it. */
const isCursorShown = (output: string): boolean =>
  output.lastIndexOf('\x1b[?25h') >= output.lastIndexOf('\x1b[?25l');

test('an error while a bar is drawn ends the process with its status and takes the bar away', () => {
  const { status, output } = onTerminal(
    'process.exitCode = 3; try { throw new Error() } catch {} finally { bar[Symbol.dispose](); }',
  );
  expect(status).toBe(3);
  expect(output).toContain('work █');
  expect(output.endsWith(CLEARED_LINE)).toBe(true);
  expect(isCursorShown(output)).toBe(true);
});

test('a bar that nobody ended neither keeps the process alive nor hides the cursor', () => {
  const { status, output } = onTerminal('process.exitCode = 130;');
  expect(status).toBe(130);
  expect(isCursorShown(output)).toBe(true);
});

test('a finished bar says its last line once, also when it is disposed of', () => {
  const { status, output } = onTerminal('bar.finish(); bar[Symbol.dispose]();');
  expect(status).toBe(0);
  expect(output.split(CLEARED_LINE)).toHaveLength(2);
  expect(output).toMatch(/work: 3 steps in \d+\.\d s\r\n$/);
});
