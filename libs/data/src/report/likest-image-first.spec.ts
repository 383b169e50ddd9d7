import type { RecordedFingerprint } from '../prepared-record.js';
import { likestImageFirst } from './likest-image-first.js';
import { recordOf } from './prepared-record.fixture.js';

const print = (hash64: string, own: Partial<RecordedFingerprint> = {}): RecordedFingerprint => ({
  ...{ digest: hash64, isFlat: false, hash64, mirrored64: '0f0f0f0f0f0f0f0f' },
  ...{ hash256: '', mirrored256: '', colors: '', ...own },
});
const withPrints = (fingerprints: RecordedFingerprint[]) =>
  recordOf({
    images: fingerprints.map((_, i) => `${i}.png`),
    imageDigests: fingerprints.map((_, i) => `d${i}`),
    fingerprints,
  });

const [LOW, NEAR_LOW, HIGH] = ['0000000000000000', '0000000000000001', 'ffffffffffffffff'];

test('the image that is most like one of the others comes first, the rest in their order', () => {
  const record = withPrints([print(HIGH), print('ffff000000000000'), print(NEAR_LOW)]);
  expect(likestImageFirst(record, [withPrints([print(LOW)])])).toMatchObject({
    images: ['2.png', '0.png', '1.png'],
    imageDigests: ['d2', 'd0', 'd1'],
  });
});

test('a mirrored image counts, one without texture does not', () => {
  const record = withPrints([print(LOW, { isFlat: true }), print('0f0f0f0f0f0f0f0f'), print(HIGH)]);
  const other = withPrints([print(LOW), print('00ff00ff00ff00ff')]);
  expect(likestImageFirst(record, [other]).images).toEqual(['1.png', '0.png', '2.png']);
});

test('without others everything stays', () => {
  const record = withPrints([print(HIGH), print(LOW)]);
  expect(likestImageFirst(record, [])).toBe(record);
});
