import { joinFields, shares } from './join-fields.js';

const SPECIAL = { before: [1], after: [2] };

describe('joinFields', () => {
  it('puts what the model expects before the first text and after each', () => {
    expect(joinFields([[10, 11], [20]], SPECIAL, 8)).toEqual([1, 10, 11, 2, 20, 2]);
    expect(joinFields([[], []], SPECIAL, 8)).toEqual([1, 2, 2]);
    expect(joinFields([[10], [20]], { before: [], after: [] }, 8)).toEqual([10, 20]);
  });

  it('keeps what comes after a text that it cuts', () => {
    expect(joinFields([[10, 11, 12, 13]], SPECIAL, 4)).toEqual([1, 10, 11, 2]);
  });

  it('cuts a long text rather than a short one', () => {
    expect(
      joinFields(
        [
          [10, 11],
          [20, 21, 22, 23, 24],
        ],
        SPECIAL,
        8,
      ),
    ).toEqual([1, 10, 11, 2, 20, 21, 22, 2]);
  });
});

describe('shares', () => {
  it.each([
    [[2, 3], 5, [2, 3]],
    [[2, 9], 5, [2, 3]],
    [[9, 9], 5, [3, 2]],
    [[9, 1, 9], 7, [3, 1, 3]],
    [[9, 9, 9], 2, [1, 1, 0]],
    [[0, 9], 0, [0, 0]],
  ])('of lengths %j with room for %d are %j', (lengths, room, expected) => {
    expect(shares(lengths, room)).toEqual(expected);
  });
});
