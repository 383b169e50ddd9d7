import { balancedWeights, mixedWeights } from './sampling-weights.js';

it('every class gets the same share, and so do rows without one', () => {
  const labels = [
    [1, 0],
    [0.6, 0.4],
    [0, 1],
    [0, 0],
    [0, null],
    [null, null],
    [0, 0.2],
  ];
  expect([...balancedWeights(labels)]).toEqual([0.5, 0.5, 1, 0.25, 0.25, 0.25, 0.25]);
});

it('a row of two classes counts for both', () => {
  expect([
    ...balancedWeights([
      [1, 1],
      [1, 0],
      [0, 0],
    ]),
  ]).toEqual([1.5, 0.5, 1]);
});

it('sources get their shares, and rows within them theirs', () => {
  const weights = mixedWeights([1, 3, 1, 1, 9], ['a', 'a', 'b', 'b', 'c'], { a: 1, b: 3 });
  expect([...weights]).toEqual([0.25, 0.75, 1.5, 1.5, 0]);
});

it.each([
  [{ a: 0 }, "The share of 'a' is 0"],
  [{ a: Infinity }, "The share of 'a' is Infinity"],
  [{ z: 1 }, "There is no source 'z' to mix; there are a, b"],
])('shares %j are refused', (shares, message) => {
  expect(() => mixedWeights([1, 1], ['a', 'b'], shares)).toThrow(message);
});
