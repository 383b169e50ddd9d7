import { balancedClassWeights, elementWeights } from './element-weights.js';

// B=2, K=3
const labels = {
  label_BK: Float32Array.of(1, 0, 0, 0.25, 0, 1),
  labelKnown_BK: Float32Array.of(1, 1, 0, 1, 1, 1),
  weight_B: Float32Array.of(2, 1),
};

test('a positive weighs its class weight, a negative 1, an unknown 0, all times the weight of the record', () => {
  expect([...elementWeights('multi-label', labels, [4, 1, 8])]).toEqual([8, 2, 0, 1.75, 1, 8]);
});

test('multi-class weighs every element by its class', () => {
  expect([...elementWeights('multi-class', labels, [4, 1, 8])]).toEqual([8, 2, 0, 4, 1, 8]);
});

test('balanced weights let positives of a policy weigh as much as its negatives', () => {
  expect(
    balancedClassWeights('multi-label', [
      { known: 10, positive: 2 },
      { known: 8, positive: 4 },
    ]),
  ).toEqual([4, 1]);
});

test('balanced weights let classes weigh the same', () => {
  expect(
    balancedClassWeights('multi-class', [
      { known: 12, positive: 3 },
      { known: 12, positive: 9 },
    ]),
  ).toEqual([2, 12 / 18]);
});

test('a class without positives or negatives keeps weight 1', () => {
  expect(
    balancedClassWeights('multi-label', [
      { known: 5, positive: 0 },
      { known: 5, positive: 5 },
    ]),
  ).toEqual([1, 1]);
});
