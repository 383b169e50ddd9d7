import { CategoryFit, categoryId, categorySize, type CategoryLimits } from './category-vocabulary.js';

describe('CategoryFit', () => {
  const fit = new CategoryFit('colour', { minCount: 2, maxSize: 10 });
  for (const value of ['red', 'blue', null, ' red', 'blue ', 'green', 'red', '', '']) fit.add(value);
  const column = fit.finish();

  it('sorts the values that were seen more than once', () => {
    expect(column).toEqual({ name: 'colour', values: ['blue', 'red'] });
    expect(categorySize(column)).toBe(4);
  });

  it('keeps the most frequent values, of equally frequent ones those that sort first', () => {
    const valuesOf = (limits: CategoryLimits): string[] => {
      const some = new CategoryFit('x', limits);
      for (const value of ['d', 'c', 'b', 'a', 'd', 'b', 'c', 'd']) some.add(value);
      return some.finish().values;
    };
    expect(valuesOf({ minCount: 1, maxSize: 9 })).toEqual(['a', 'b', 'c', 'd']);
    expect(valuesOf({ minCount: 3, maxSize: 9 })).toEqual(['d']);
    expect(valuesOf({ minCount: 1, maxSize: 2 })).toEqual(['b', 'd']);
  });

  it.each([
    [null, 0],
    ['pink', 1],
    ['green', 1],
    ['blue', 2],
    ['red', 3],
    [' red ', 3],
    ['', 0],
    [' ', 0],
    [undefined, 0],
  ])('gives %j the id %d', (value, id) => {
    expect(categoryId(value, column)).toBe(id);
  });

  it('finds every value of a large vocabulary', () => {
    const values = Array.from({ length: 101 }, (_, i) => `v${String(i).padStart(3, '0')}`);
    expect(values.map((value) => categoryId(value, { name: 'x', values }))).toEqual(
      values.map((_, i) => i + 2),
    );
  });
});
