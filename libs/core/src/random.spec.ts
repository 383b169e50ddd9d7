import { philox, Random } from './random.js';

test('philox gives the known answers of the Random123 distribution', () => {
  const hex = (words: number[]): string => words.map((word) => word.toString(16).padStart(8, '0')).join(' ');
  expect(hex(philox([0, 0, 0, 0], [0, 0]))).toBe('6627e8d5 e169c58d bc57ac4c 9b00dbd8');
  const ones = 0xffffffff;
  expect(hex(philox([ones, ones, ones, ones], [ones, ones]))).toBe('408f276d 41c83b0e a20bc7c6 6d5451fd');
  expect(hex(philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]))).toBe(
    'd16cfe09 94fdcceb 5001e420 24126ea1',
  );
});

test('the same seed and stream repeat, another seed or stream does not', () => {
  const draw = (seed: number, stream: string): number[] => {
    const random = new Random(seed, stream);
    return Array.from({ length: 5 }, () => random.uniform());
  };
  expect(draw(1, 'a')).toEqual(draw(1, 'a'));
  expect(draw(1, 'a')).not.toEqual(draw(2, 'a'));
  expect(draw(1, 'a')).not.toEqual(draw(1, 'b'));
});

test('a fork does not depend on what its parent drew', () => {
  const drawn = new Random(3, 'root');
  drawn.uniform();
  expect(drawn.fork('x').word()).toBe(new Random(3, 'root').fork('x').word());
});

test('seek continues from a saved position', () => {
  const random = new Random(5, 's');
  for (let i = 0; i < 7; i++) random.word();
  const { position } = random;
  const next = [random.word(), random.word()];
  const resumed = new Random(5, 's');
  resumed.seek(position);
  expect(position).toBe(7);
  expect([resumed.word(), resumed.word()]).toEqual(next);
});

test('uniform and normal have the moments of their distributions', () => {
  const random = new Random(11, 'moments');
  const n = 20_000;
  const uniforms = Array.from({ length: n }, () => random.uniform());
  const normals = Array.from({ length: n }, () => random.normal());
  const mean = (xs: number[]): number => xs.reduce((a, b) => a + b, 0) / xs.length;
  expect(Math.min(...uniforms)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...uniforms)).toBeLessThan(1);
  expect(mean(uniforms)).toBeCloseTo(0.5, 1.7);
  expect(mean(normals)).toBeCloseTo(0, 1.5);
  expect(mean(normals.map((x) => x * x))).toBeCloseTo(1, 1.2);
});

test('integer reaches every value below n and none other', () => {
  const random = new Random(1, 'integers');
  expect(new Set(Array.from({ length: 200 }, () => random.integer(5)))).toEqual(new Set([0, 1, 2, 3, 4]));
});

test('weighted never picks an item of weight zero', () => {
  const random = new Random(1, 'weights');
  const picks = Array.from({ length: 300 }, () => random.weighted(['a', 'b', 'c'], [1, 0, 3]));
  expect(picks).not.toContain('b');
  expect(picks.filter((item) => item === 'c').length).toBeGreaterThan(180);
});

test('shuffle keeps every item once and leaves its argument alone', () => {
  const items = [1, 2, 3, 4, 5, 6];
  const shuffled = new Random(2, 'shuffle').shuffle(items);
  expect([...shuffled].sort()).toEqual(items);
  expect(shuffled).not.toEqual(items);
  expect(items).toEqual([1, 2, 3, 4, 5, 6]);
});
