import { Random } from '@assay/core';
import { classesOf, ExampleSample } from './examples.js';
import { recordOf } from './prepared-record.fixture.js';

test('a record belongs to its one class, or to those that are more likely than not', () => {
  expect(classesOf({ labels: [0.4, 0.3, 0.3], classIndex: 0 })).toEqual([0]);
  expect(classesOf({ labels: [0.5, 0.49, null, 1], classIndex: null })).toEqual([0, 3]);
});

test('examples come by class, then those of none; a class without records has no group', () => {
  const sample = new ExampleSample(['a', 'b'], new Random(7));
  for (let i = 0; i < 9; i++) sample.add(recordOf({ id: `both ${i}`, labels: [1, 0] }), 'train');
  sample.add(recordOf({ id: 'none', labels: [0, null] }), 'test');
  const groups = sample.groups();
  expect(groups.map(({ name, total, examples }) => [name, total, examples.length])).toEqual([
    ['a', 9, 4],
    [null, 1, 1],
  ]);
  expect(groups[1]?.examples[0]).toMatchObject({ split: 'test', record: { id: 'none' } });
});
