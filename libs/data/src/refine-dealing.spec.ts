import { refineDealing } from './refine-dealing.js';

const unitOf = (amounts: number[]) => ({ name: String(amounts), positions: [], amounts });
const refined = (amounts: number[][], homes: number[], fractions: number[]): number[] => {
  const home_U = Int32Array.from(homes);
  refineDealing({ units: amounts.map(unitOf), home_U, fractions });
  return [...home_U];
};

describe('refineDealing', () => {
  it('moves a unit where that brings the shares nearer to the fractions', () => {
    // records 3, 1, 1, 1 of 6: halves are 3 and 3
    expect(refined([[3], [1], [1], [1]], [0, 0, 1, 1], [0.5, 0.5])).toEqual([0, 1, 1, 1]);
  });

  it('swaps two units where no single move helps', () => {
    // sizes are even already; all of the rare label is in one split
    const units = [
      [10, 4],
      [10, 4],
      [10, 0],
      [10, 0],
    ];
    expect(refined(units, [0, 0, 1, 1], [0.5, 0.5])).toEqual([1, 0, 0, 1]);
  });

  it('does not empty a split, and leaves alone what is best', () => {
    expect(refined([[9], [1]], [0, 1], [0.99, 0.01])).toEqual([0, 1]);
    expect(refined([[5], [5]], [0, 1], [0.5, 0.5])).toEqual([0, 1]);
  });
});
