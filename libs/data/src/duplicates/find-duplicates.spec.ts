import { DuplicateFinder, type DuplicateOptions, type ImageFingerprint, unionOf } from './find-duplicates.js';

/** A picture whose hashes are one byte repeated, with a first byte of its own. */
const image = (digest: string, byte: number, more: Partial<ImageFingerprint> = {}): ImageFingerprint => ({
  digest,
  hash64: Uint8Array.from({ length: 8 }, () => byte),
  mirrored64: Uint8Array.from({ length: 8 }, () => byte ^ 0x0f),
  hash256: Uint8Array.from({ length: 32 }, () => byte),
  mirrored256: Uint8Array.from({ length: 32 }, () => byte ^ 0x0f),
  colors: new Uint8Array(48),
  isFlat: false,
  ...more,
});
const near = ({ hash64, ...others }: ImageFingerprint, digest: string): ImageFingerprint => ({
  ...others,
  digest,
  hash64: Uint8Array.from(hash64, (byte, i) => (i === 0 ? byte ^ 1 : byte)),
});
const OPTIONS: DuplicateOptions = {
  text: { threads: 0 },
  image: { maxDistance64: 4, maxDistance256: 16, maxColorDistance: 10 },
};
const find = (records: readonly (readonly [string, ImageFingerprint[]])[], options = OPTIONS) => {
  const finder = new DuplicateFinder();
  for (const [text, images] of records) finder.add(text, images);
  return finder.find(options);
};

const LONG =
  'a silver ring with a blue stone, made by hand in a small studio near the sea, sent in a gift box';

it('finds equal and near texts and images, and says how they are like', async () => {
  const photo = image('p', 0x3c);
  const { links } = await find([
    [LONG, [photo]],
    ['other words', [image('q', 0xa5)]],
    [LONG, []],
    [`${LONG}!`, [image('r', 0x99)]],
    ['a fifth', [photo, photo]],
    ['a sixth', [near(photo, 'p2')]],
    ['a seventh', [image('m', 0x3c ^ 0x0f)]],
  ]);
  expect(links).toEqual([
    { kind: 'equal text', similarity: 1, a: [0], b: [2] },
    { kind: 'near text', similarity: expect.closeTo(92 / 93, 2) as number, a: [0, 2], b: [3] },
    { kind: 'equal image', similarity: 1, a: [0], b: [4] },
    { kind: 'near image', similarity: 63 / 64, a: [0, 4], b: [5] },
    { kind: 'mirrored image', similarity: 1, a: [0, 4], b: [6] },
    { kind: 'mirrored image', similarity: 1, a: [5], b: [6] },
  ]);
  expect(unionOf(7, links).components()).toEqual([[0, 2, 3, 4, 5, 6]]);
});

it('looks at flat images only for equal ones', async () => {
  const flat = (digest: string): ImageFingerprint => image(digest, 0, { isFlat: true });
  const { links } = await find([
    ['a', [flat('w')]],
    ['b', [flat('v')]],
    ['c', [flat('w')]],
  ]);
  expect(links).toEqual([{ kind: 'equal image', similarity: 1, a: [0], b: [2] }]);
});

it.each([
  ['fine hashes', { hash256: new Uint8Array(32) }],
  ['colours', { colors: new Uint8Array(48).fill(11) }],
])('takes no image for near whose %s differ', async (_, change) => {
  const photo = image('p', 0x3c);
  const other = { ...near(photo, 'o'), ...change };
  expect(
    (
      await find([
        ['a', [photo]],
        ['b', [other]],
      ])
    ).links,
  ).toEqual([]);
});

it('finds only what is equal when it is told so', async () => {
  const photo = image('p', 0x3c);
  const records = [
    [LONG, [photo]],
    [`${LONG}!`, [near(photo, 'n')]],
    [LONG, [photo]],
  ] as const;
  const { links } = await find(
    records.map(([text, images]) => [text, [...images]]),
    { text: null, image: null },
  );
  expect(links).toEqual([
    { kind: 'equal image', similarity: 1, a: [0], b: [2] },
    { kind: 'equal text', similarity: 1, a: [0], b: [2] },
  ]);
});

it('two near pictures of one record are no pair', async () => {
  const photo = image('p', 0x3c);
  expect((await find([['a', [photo, near(photo, 'n')]]])).links).toEqual([]);
});

it('thousands of copies of one photo and of one text make few links, and one component', async () => {
  const photo = image('p', 0x3c);
  const copies = Array.from({ length: 3000 }, (_, i): [string, ImageFingerprint[]] => [
    i % 2 === 0 ? LONG : `${LONG} ${i}`,
    [i % 3 === 0 ? photo : { ...near(photo, `c${i}`), colors: new Uint8Array(48).fill(i % 5) }],
  ]);
  const { links, skipped } = await find(copies);
  expect(skipped).toBe(0);
  expect(links.length).toBeLessThan(2 * 3000);
  const named = links.reduce((sum, { a, b }) => sum + a.length + b.length, 0);
  expect(named).toBeLessThan(40 * 3000);
  for (const isText of [true, false]) {
    const ofKind = links.filter(({ kind }) => kind.endsWith('text') === isText);
    expect(unionOf(3000, ofKind).components()).toHaveLength(1);
    expect(unionOf(3000, ofKind).components()[0]).toHaveLength(3000);
  }
});
