import { Random } from '@assay/core';
import { initialValues, type Initializer } from './initial-values.js';

const drawn = (init: Initializer, shape = [3, 3, 20, 40]): Float32Array =>
  initialValues({ p: { shape, init } }, new Random(3)).p!;

const deviationOf = (values: Float32Array): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);

test('He normal has variance 2 / fan-in, the receptive field included', () => {
  expect(deviationOf(drawn('heNormal'))).toBeCloseTo(Math.sqrt(2 / 180), 2);
});

test('Glorot uniform stays within sqrt(6 / (fan-in + fan-out)) and fills that range', () => {
  const limit = Math.sqrt(6 / (180 + 360));
  const largest = drawn('glorotUniform').reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(largest).toBeLessThanOrEqual(limit);
  expect(largest).toBeGreaterThan(0.99 * limit);
});

test('zeros, ones, a stated value and a stated deviation are what they say', () => {
  expect([...drawn('zeros', [2])]).toEqual([0, 0]);
  expect([...drawn('ones', [2])]).toEqual([1, 1]);
  expect([...drawn({ value: 0.5 }, [2])]).toEqual([0.5, 0.5]);
  expect(deviationOf(drawn({ normal: 0.25 }))).toBeCloseTo(0.25, 1);
});

test('adding a parameter leaves the start values of the others as they were', () => {
  const spec = { shape: [2, 5], init: 'heNormal' } as const;
  const alone = initialValues({ b: spec }, new Random(7));
  const both = initialValues({ a: spec, b: spec }, new Random(7));
  expect(both.b).toEqual(alone.b);
  expect(both.a).not.toEqual(both.b);
});
