import { existsSync } from 'node:fs';
import { distinctName, expectClose, expectNoLeak, withTempDir } from './index.js';

test('expectClose compares by the larger tolerance and treats NaN as different from numbers', () => {
  expectClose([1, 2.0000001], [1, 2]);
  expectClose([101], [100], { relative: 0.02 });
  expect(() => expectClose([1.1], [1], { absolute: 0.05 })).toThrow('number 0 is 1.1, expected 1 ± 0.05');
  expect(() => expectClose([Number.NaN], [1], { absolute: 5 })).toThrow('number 0 is NaN');
  expect(() => expectClose([1], [1, 2])).toThrow('expected 2 numbers, received 1');
});

test('expectNoLeak fails when tensors stay alive', async () => {
  let numTensors = 3;
  const counter = { memory: () => ({ numTensors }) };
  await expect(expectNoLeak(counter, () => 'result')).resolves.toBe('result');
  await expect(expectNoLeak(counter, () => void (numTensors += 2))).rejects.toThrow('2 tensors more');
});

test('withTempDir removes the directory also after a failure', async () => {
  let seen = '';
  await expect(
    withTempDir((dir) => {
      seen = dir;
      expect(existsSync(dir)).toBe(true);
      throw new Error('boom');
    }),
  ).rejects.toThrow('boom');
  expect(existsSync(seen)).toBe(false);
});

test('distinctName gives words that differ in two syllables at least', () => {
  const names = Array.from({ length: 512 }, (_, i) => distinctName(i).match(/../g) ?? []);
  for (const [i, name] of names.entries())
    for (const other of names.slice(0, i)) {
      const numEqual = name.filter((syllable, at) => syllable === other[at]).length;
      if (numEqual > 3) throw new Error(`${name.join('')} and ${other.join('')}`);
    }
});
