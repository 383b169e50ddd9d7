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
