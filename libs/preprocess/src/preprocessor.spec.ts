import { parseConfig } from '@assay/config';
import { AssayError } from '@assay/core';
import sharp from 'sharp';
import { emptyWebp } from './empty-webp.fixture.js';
import { fitPreprocessor, type FitConfig } from './fit-preprocessor.js';
import { ImageCache } from './image-cache.js';
import { Preprocessor } from './preprocessor.js';
import type { ContentRecord } from './record.js';
import { decodeSlots } from './slots.js';

const CONFIG: FitConfig = parseConfig(`
schemaVersion: 1
name: tiny
description: For tests.
data:
  root: .
  source: { path: x.csv }
  columns: { id: id, text: { title: title }, images: { column: photos }, numeric: [price], categorical: [colour] }
  labels: { kind: multi-label, policies: [{ name: bad, column: bad }] }
  split: { strategy: group }
preprocess:
  text: { fields: [title], wordNgrams: [1, 1], charNgrams: null, buckets: 1000, maxTokens: 4 }
  image: { height: 8, width: 9, maxImages: 2 }
model: { text: {} }
`);

const record = (values: Partial<ContentRecord>): ContentRecord => ({
  id: 'r',
  text: {},
  images: [],
  numeric: {},
  categorical: {},
  ...values,
});
const TRAIN = [
  record({ numeric: { price: 1 }, categorical: { colour: 'red' } }),
  record({ numeric: { price: 3 }, categorical: { colour: 'red' } }),
];

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  await Promise.resolve();
  yield* items;
}

const grey = (value: number): Promise<Buffer> =>
  sharp({ create: { width: 5, height: 7, channels: 3, background: { r: value, g: value, b: value } } })
    .png()
    .toBuffer();

describe('Preprocessor', () => {
  let preprocessor: Preprocessor;
  beforeAll(async () => {
    preprocessor = await fitPreprocessor(CONFIG, each(TRAIN));
  });

  it('states the dtype and axes of every input', () => {
    expect(preprocessor.inputSpecs).toEqual({
      token_BL: { dtype: 'int32', shape: [4] },
      mask_BL: { dtype: 'float32', shape: [4] },
      image_BIHWC: { dtype: 'uint8', shape: [2, 8, 9, 3] },
      imageMask_BI: { dtype: 'float32', shape: [2] },
      numeric_BF: { dtype: 'float32', shape: [2] },
      category_BC: { dtype: 'int32', shape: [1] },
      present_BM: { dtype: 'float32', shape: [3] },
    });
    expect(preprocessor.categorySizes).toEqual([3]);
  });

  it('makes an input of each modality', async () => {
    const inputs = await preprocessor.encode(
      record({
        text: { title: 'a b' },
        images: [await grey(50)],
        numeric: { price: 3 },
        categorical: { colour: 'red' },
      }),
    );
    expect(inputs.mask_BL).toEqual({ dtype: 'float32', shape: [1, 4], data: Float32Array.of(1, 1, 0, 0) });
    expect(inputs.image_BIHWC?.shape).toEqual([1, 2, 8, 9, 3]);
    expect([...(inputs.image_BIHWC?.data ?? [])]).toEqual([
      ...new Array<number>(216).fill(50),
      ...new Array<number>(216).fill(0),
    ]);
    expect(inputs.imageMask_BI?.data).toEqual(Float32Array.of(1, 0));
    expect(inputs.numeric_BF?.data).toEqual(Float32Array.of(1, 0));
    expect(inputs.category_BC?.data).toEqual(Int32Array.of(2));
    expect(inputs.present_BM?.data).toEqual(Float32Array.of(1, 1, 1));
  });

  it('says which modality a record has', async () => {
    const present = async (values: Partial<ContentRecord>) => [
      ...((await preprocessor.encode(record(values))).present_BM?.data ?? []),
    ];
    expect(await present({})).toEqual([0, 0, 0]);
    expect(await present({ text: { title: 'x' } })).toEqual([1, 0, 0]);
    expect(await present({ images: [await grey(1)] })).toEqual([0, 1, 0]);
    expect(await present({ numeric: { price: 0 } })).toEqual([0, 0, 1]);
    expect(await present({ categorical: { colour: 'pink' } })).toEqual([0, 0, 1]);
  });

  it('does not look at more images than the config says', async () => {
    const broken = Buffer.from('no image');
    const inputs = await preprocessor.encode(record({ images: [await grey(1), await grey(2), broken] }));
    expect(inputs.imageMask_BI?.data).toEqual(Float32Array.of(1, 1));
  });

  it('names the record and the image that it cannot decode', async () => {
    const images = [await grey(1), Buffer.from('no image')];
    await expect(preprocessor.encode(record({ id: 'listing-7', images }))).rejects.toMatchObject({
      code: 'IMAGE_INVALID',
      message: expect.stringContaining('listing-7.images[1]: ') as string,
    });
  });

  it('reads images of records that are encoded at once no sooner than one of them can be decoded', async () => {
    let held = 0;
    let most = 0;
    const imageCache = new ImageCache(0, async () => {
      await new Promise(setImmediate);
      held--;
      return new Uint8Array(8 * 9 * 3);
    });
    const restored = Preprocessor.fromJSON(preprocessor.toJSON(), { imageCache });
    const read = (): Promise<Uint8Array> => {
      most = Math.max(most, ++held);
      return Promise.resolve(Uint8Array.of(1));
    };
    const records = Array.from({ length: 40 }, () => ({ ...record({}), images: [read, read] }));
    const encoded = await Promise.all(records.map((item) => restored.encode(item)));
    expect(encoded.map(({ imageMask_BI }) => imageMask_BI?.data)).toEqual(
      records.map(() => Float32Array.of(1, 1)),
    );
    expect(most).toBeLessThanOrEqual(decodeSlots.count);
  });

  it('names the record and the image that it cannot read', async () => {
    const images = [() => Promise.reject(new AssayError('FILE_NOT_FOUND', 'It is gone.'))];
    await expect(preprocessor.encode({ ...record({ id: 'listing-7' }), images })).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
      message: 'listing-7.images[0]: It is gone.',
    });
  });

  it('gives in a batch exactly what it gives for each record, also after a round trip through JSON', async () => {
    const records = [
      record({ text: { title: 'one two' }, images: [await grey(9)] }),
      record({ numeric: { price: 2.5 } }),
      record({ text: { title: 'three' }, categorical: { colour: 'blue' } }),
    ];
    const restored = Preprocessor.fromJSON(JSON.parse(JSON.stringify(preprocessor)));
    const batch = await restored.encodeBatch(records);
    for (const [b, item] of records.entries()) {
      const single = await preprocessor.encode(item);
      for (const [name, { shape, data, dtype }] of Object.entries(single)) {
        const size = shape.reduce((product, axis) => product * axis, 1);
        const stacked = batch[name as keyof typeof batch];
        expect(stacked).toMatchObject({ dtype, shape: [3, ...shape.slice(1)] });
        expect(stacked?.data.slice(b * size, (b + 1) * size)).toEqual(data);
      }
    }
    expect(restored.digest).toBe(preprocessor.digest);
  });

  describe('with images of a stranger', () => {
    /** Counts what it decodes; an image whose first byte is 0 is broken at once, others take two turns. */
    const counting = (): { encoder: Preprocessor; begun: number[]; running: () => number } => {
      const begun: number[] = [];
      let running = 0;
      const imageCache = new ImageCache(0, async (bytes) => {
        begun.push(bytes[0] ?? 0);
        running += 1;
        if (bytes[0] !== 0) await new Promise((resolve) => setTimeout(resolve, 20));
        running -= 1;
        if (bytes[0] === 0) throw new Error('broken');
        return new Uint8Array(8 * 9 * 3);
      });
      const encoder = new Preprocessor(preprocessor.toJSON(), { imageCache });
      return { encoder, begun, running: () => running };
    };
    const withImages = (...values: number[]): ContentRecord[] =>
      values.map((value) => record({ images: [Uint8Array.of(value)] }));

    it('does not go on decoding behind the back of a caller that was told of a broken image', async () => {
      const { encoder, begun, running } = counting();
      await expect(encoder.encodeBatch(withImages(1, 0, 2, 3, 4, 5, 6, 7))).rejects.toThrow('broken');
      expect(running()).toBe(0);
      const soFar = begun.length;
      expect(soFar).toBeLessThanOrEqual(decodeSlots.count + 2);
      await new Promise((resolve) => setTimeout(resolve, 60));
      expect(begun).toHaveLength(soFar);
    });

    it('does not let one caller keep all others waiting until its last image', async () => {
      const { encoder } = counting();
      const ended: string[] = [];
      const encode = (name: string, ...values: number[]): Promise<unknown> =>
        encoder.encodeBatch(withImages(...values)).then(() => ended.push(name));
      await Promise.all([encode('large', ...new Array<number>(30).fill(1)), encode('small', 2)]);
      expect(ended).toEqual(['small', 'large']);
    });

    it('does not decode 50 megapixels for each 38 bytes of a request', async () => {
      const bomb = emptyWebp(7071, 7071);
      expect(bomb).toHaveLength(38);
      const { encoder, begun } = counting();
      const records = Array.from({ length: 64 }, (_, i) => record({ id: `r${i}`, images: [bomb, bomb] }));
      await expect(encoder.encodeBatch(records, { maxPixels: 64_000_000 })).rejects.toMatchObject({
        code: 'IMAGE_TOO_LARGE',
        httpStatus: 413,
        message: expect.stringMatching(
          /^With r\d\.images\[\d\] the images have more than 64000000 pixels/,
        ) as string,
      });
      expect(begun).toEqual([]);
    });

    it('decodes what has no more pixels than allowed together', async () => {
      const records = [record({ images: [await grey(1), await grey(2), await grey(3)] })]; // 2 are looked at
      await expect(preprocessor.encodeBatch(records, { maxPixels: 70 })).resolves.toBeDefined();
      await expect(preprocessor.encodeBatch(records, { maxPixels: 69 })).rejects.toMatchObject({
        code: 'IMAGE_TOO_LARGE',
      });
    });
  });

  it.each([
    ['a later version', { schemaVersion: 4 }],
    ['the version before', { schemaVersion: 2 }],
    ['one without a probe', { probe: undefined }],
    [
      'a standard deviation of zero',
      { numeric: { columns: [{ name: 'x', scaling: 'standard', mean: 0, std: 0, min: 0, max: 0 }] } },
    ],
    [
      'quantiles that descend',
      { numeric: { columns: [{ name: 'x', scaling: 'quantile', output: 'normal', quantiles: [2, 1] }] } },
    ],
    ['an unsorted vocabulary', { categorical: { columns: [{ name: 'x', values: ['b', 'a'] }] } }],
    ['an unknown hash', { text: { ...CONFIG.preprocess.text, hash: 'md5' } }],
  ])('refuses %s', (_, change) => {
    expect(() => Preprocessor.fromJSON({ ...preprocessor.toJSON(), ...change })).toThrow(
      expect.objectContaining({ code: 'FILE_CORRUPT' }) as Error,
    );
  });
});
