import { MissingValues } from './missing-values.js';
import { recordOf } from './prepared-record.fixture.js';

const none = { train: 0, validation: 0, calibration: 0, test: 0 };

describe('MissingValues', () => {
  it('counts what is blank, unknown or absent, by split', () => {
    const missing = new MissingValues(['bad']);
    missing.add(recordOf({ images: ['a.png'] }), 'train');
    missing.add(recordOf({ text: { title: ' \n' }, labels: [null], slices: { colour: '' } }), 'test');
    missing.add(recordOf({ group: null, timeMs: null, images: ['b.png'] }), 'test');
    expect(missing.columns()).toEqual([
      { kind: 'text', name: 'title', missing: { ...none, test: 1 } },
      { kind: 'images', name: 'images', missing: { ...none, test: 1 } },
      { kind: 'label', name: 'bad', missing: { ...none, test: 1 } },
      { kind: 'group', name: 'group', missing: { ...none, test: 1 } },
      { kind: 'time', name: 'time', missing: { ...none, test: 1 } },
      { kind: 'slice', name: 'colour', missing: { ...none, test: 1 } },
    ]);
  });

  it('leaves out images, groups and times that no record has, but not a label that nobody knows', () => {
    const missing = new MissingValues(['bad']);
    missing.add(recordOf({ group: null, timeMs: null, labels: [null] }), 'train');
    expect(missing.columns().map(({ kind }) => kind)).toEqual(['text', 'label', 'slice']);
  });

  it('names further group columns', () => {
    const missing = new MissingValues([]);
    missing.add(recordOf({ moreGroups: [null] }), 'train');
    missing.add(recordOf({ moreGroups: ['x'] }), 'train');
    expect(missing.columns()).toContainEqual({
      kind: 'group',
      name: 'group 2',
      missing: { ...none, train: 1 },
    });
  });
});
