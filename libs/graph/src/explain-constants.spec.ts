import { explainNumber } from './explain-constants.js';

const SIZES = [5, 7, 11, 2];
const integer = (fn: (size: number) => number) => explainNumber(SIZES.map(fn), SIZES, true);
const float = (fn: (size: number) => number) =>
  explainNumber(
    SIZES.map((size) => Math.fround(fn(size))),
    SIZES,
    false,
  );

describe('explainNumber', () => {
  it('finds a·B + b for integers, exactly', () => {
    expect(integer((B) => 3 * B - 4)).toEqual({ kind: 'affine', scale: 3, offset: -4 });
    expect(integer(() => 9)).toEqual({ kind: 'affine', scale: 0, offset: 9 });
  });

  it('finds a·B + b and a / B for floats within rounding', () => {
    expect(float((B) => 0.1 * B)).toMatchObject({ kind: 'affine', scale: expect.closeTo(0.1, 6) as number });
    expect(float((B) => 0.3 / B)).toMatchObject({
      kind: 'inverse',
      numerator: expect.closeTo(0.3, 6) as number,
    });
  });

  it.each<[string, (size: number) => number]>([
    ['a square', (B) => B * B],
    ['half rounded up', (B) => Math.ceil(B / 2)],
    ['half rounded down', (B) => Math.floor(B / 2)],
    ['a limit from above', (B) => Math.min(B, 4)],
    ['a limit from below', (B) => Math.max(B, 8)],
    ['a quotient of integers', (B) => Math.floor(70 / B)],
  ])('does not take %s for a·B + b', (_, fn) => {
    expect(integer(fn)).toBeUndefined();
  });

  it('does not take a square root for a·B + b or a / B', () => {
    expect(float((B) => Math.sqrt(B))).toBeUndefined();
  });
});
