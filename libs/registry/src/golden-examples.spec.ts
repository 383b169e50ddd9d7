import { spreadOver } from './golden-examples.js';

describe('spreadOver', () => {
  it('takes the lowest, the highest and evenly spaced ones between', () => {
    // sorted: 1@1, 2@4, 3@0, 5@3, 9@2
    expect(spreadOver([3, 1, 9, 5, 2], 3)).toEqual([1, 0, 2]);
  });

  it('takes all, by rising score, when there are few', () => {
    expect(spreadOver([0.5, 0.1], 12)).toEqual([1, 0]);
    expect(spreadOver([], 12)).toEqual([]);
  });

  it('takes equal scores in their order', () => {
    expect(spreadOver([7, 7, 7, 7], 2)).toEqual([0, 3]);
  });
});
