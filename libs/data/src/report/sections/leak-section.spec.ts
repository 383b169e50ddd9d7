import type { LeakPair, LeakReport } from '../../leak-report.js';
import { leakSection } from './leak-section.js';

const pair: LeakPair = {
  between: ['train', 'test'],
  ...{ sharedIds: 0, sharedGroups: 0, equalTexts: 0, nearTexts: 0, equalImages: 0, nearImages: 0 },
  ...{ recordsWithEqualText: 0, recordsWithEqualImage: 0, timesOverlap: null },
};

const textOf = (own: Partial<LeakReport>): string =>
  leakSection({
    ...{ schemaVersion: 5, leaky: false, inOrderOfTime: false, skippedTexts: 0, pairs: [pair] },
    recordsWithoutGroup: { seller: 0 },
    images: { perRecord: 2, skipped: 0 },
    classes: { train: {}, validation: {}, calibration: {}, test: {} },
    times: { train: null, validation: null, calibration: null, test: null },
    ...own,
  })
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ');

it('says that nothing is shared when all was compared', () => {
  expect(textOf({})).toContain(
    'No leak. No id, no group, and no equal or nearly equal text or image lies in two splits.',
  );
});

it('says that texts may be shared when some were not compared', () => {
  const text = textOf({ skippedTexts: 12_345 });
  expect(text).toContain('No leak was found, but not all was compared.');
  expect(text).not.toContain('No leak. ');
  expect(text).toContain('12345 comparisons were left out: near-duplicates may lie in two splits.');
});

it('says of how many records no group is known, and claims nothing of groups without a column', () => {
  const some = textOf({ recordsWithoutGroup: { seller: 301, shop: 0 } });
  expect(some).toContain(
    'No leak was found, but not all was compared. Of what was compared, no id, no group,',
  );
  expect(some).toContain('301 records have no value of the group column &#39;seller&#39;');
  expect(some).not.toContain("'shop'");
  const none = textOf({ recordsWithoutGroup: {}, pairs: [{ ...pair, sharedGroups: null }] });
  expect(none).toContain('No leak. No id, and no equal or nearly equal text or image lies in two splits.');
  expect(none).toContain('Groups were not looked at');
});

it('says nothing of images that nobody has looked at', () => {
  const unseen = { ...pair, equalImages: null, nearImages: null, recordsWithEqualImage: null };
  const text = textOf({ images: null, pairs: [unseen] });
  expect(text).toContain('No id, no group, and no equal or nearly equal text lies in two splits.');
  expect(text).toContain('Images were not looked at');
  expect(text).toContain('not looked for not looked for no times');
});

it('says which images were looked at when some were not', () => {
  const text = textOf({ images: { perRecord: 2, skipped: 7 } });
  expect(text).toContain(
    'no equal or nearly equal text, and no equal or nearly equal image among the first 2 of a record lies in two splits',
  );
  expect(text).toContain('7 images were not looked at');
});
