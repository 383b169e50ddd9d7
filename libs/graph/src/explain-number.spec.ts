import { axesOf, recordingPoints } from './axes.js';
import { describeExpression, evaluateExpression, explainNumber } from './explain-number.js';

const ONE = recordingPoints(['B']);
const TWO = recordingPoints(['B', 'L']);
type Sizes = (B: number, L: number) => number;

/** What is found for a number that depends on B, or on B and L, as text; undefined for nothing. */
function found(fn: Sizes, { integer, points }: { integer: boolean; points: typeof ONE }): string | undefined {
  const observed = points.map(({ B = NaN, L = NaN }) => (integer ? fn(B, L) : Math.fround(fn(B, L))));
  const expression = explainNumber(observed, points, integer);
  return expression && describeExpression(expression);
}
const integer = (fn: Sizes) => found(fn, { integer: true, points: ONE });
const float = (fn: Sizes) => found(fn, { integer: false, points: ONE });
const integer2 = (fn: Sizes) => found(fn, { integer: true, points: TWO });
const float2 = (fn: Sizes) => found(fn, { integer: false, points: TWO });

describe('explainNumber', () => {
  it('finds integers exactly', () => {
    expect(integer((B) => 3 * B - 4)).toBe('-4 + 3·B');
    expect(integer((B) => B)).toBe('B');
    expect(integer(() => 9)).toBe('9');
    expect(integer((B) => B * B)).toBe('B^2');
  });

  it('finds floats with the factor that the function used', () => {
    expect(float((B) => 0.1 * B)).toBe('0.1·B');
    expect(float((B) => 0.3 / B)).toBe('0.3·B^-1');
    expect(float((B) => 1 / B)).toBe('B^-1');
    expect(float((B) => 0.5 * B - 2)).toBe('-2 + 0.5·B');
  });

  it('finds what depends on two axes', () => {
    expect(integer2((B, L) => 4 * B * L)).toBe('4·B·L');
    expect(integer2((_, L) => L - 1)).toBe('-1 + L');
    expect(integer2((B, L) => 2 * B * L - L + 3 * B + 1)).toBe('1 + 3·B + -1·L + 2·B·L');
    expect(float2((B, L) => 1 / (250 * B * L))).toBe('0.004·B^-1·L^-1');
    expect(float2((B, L) => B / L)).toBe('B·L^-1');
  });

  it('takes no number that changes for fixed where there is no axis, however little it changes', () => {
    const points = recordingPoints([]);
    expect(explainNumber([1e6, 1e6], points, false)).toEqual([{ factor: 1e6, powers: {} }]);
    expect(explainNumber([1e6, 1e6 + 1], points, false)).toBeUndefined();
  });

  it.each<[string, Sizes]>([
    ['half rounded up', (B) => Math.ceil(B / 2)],
    ['half rounded down', (B) => Math.floor(B / 2)],
    ['a limit from above', (B) => Math.min(B, 4)],
    ['a limit from below', (B) => Math.max(B, 8)],
    ['a quotient of integers', (B) => Math.floor(70 / B)],
    ['a cube', (B) => B ** 3],
  ])('does not take %s for a polynomial', (_, fn) => {
    expect(integer(fn)).toBeUndefined();
  });

  it.each<[string, Sizes]>([
    ['the larger of two axes', (B, L) => Math.max(B, L)],
    ['an axis cut to 8', (_, L) => Math.min(L, 8)],
    ['half of a product rounded down', (B, L) => Math.floor((B * L) / 2)],
  ])('does not take %s for a polynomial of both', (_, fn) => {
    expect(integer2(fn)).toBeUndefined();
  });

  it('does not take a square root for anything', () => {
    expect(float((B) => Math.sqrt(B))).toBeUndefined();
    expect(float2((_, L) => 1 / Math.sqrt(L))).toBeUndefined();
  });
});

describe('axesOf', () => {
  it('names the axes once, B first, and null is B', () => {
    expect(axesOf([['L', 3], [null, 'L'], ['B']])).toEqual(['B', 'L']);
    expect(axesOf([[3]])).toEqual([]);
  });

  it('refuses a fourth axis', () => {
    expect(() => axesOf([['B', 'L', 'T', 'S']])).toThrow('4 named axes (B, L, T, S), expected at most 3');
  });
});

describe('recordingPoints', () => {
  it('never gives two axes one size, nor one axis a single size', () => {
    const points = recordingPoints(['B', 'L', 'T']);
    expect(points).toHaveLength(10);
    for (const sizes of points) expect(new Set(Object.values(sizes)).size).toBe(3);
    for (const axis of ['B', 'L', 'T']) expect(new Set(points.map((sizes) => sizes[axis])).size).toBe(4);
  });
});

it('one over a polynomial of whole numbers is found', () => {
  const points = recordingPoints(['B', 'L']);
  const expression = explainNumber(
    points.map(({ B = 0, L = 0 }) => Math.fround(1 / (3 * B * L + 3 * B))),
    points,
    false,
  );
  expect(describeExpression(expression ?? [])).toBe('1 / (3·B + 3·B·L)');
  expect(evaluateExpression(expression ?? [], { B: 100, L: 7 })).toBeCloseTo(1 / 2400, 12);
});
