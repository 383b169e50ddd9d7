import { preprocessSchema } from '@assay/config';
import sharp from 'sharp';
import { categoryId } from './category-vocabulary.js';
import { decodeImage, imageInputOf, resizeForModel } from './decode-image.js';
import { fitPreprocessor, type FitConfig } from './fit-preprocessor.js';
import { fnv1a } from './fnv1a.js';
import { Preprocessor } from './preprocessor.js';
import type { PreprocessorState } from './preprocessor-state.js';
import { verifyProbe } from './probe.js';
import { foldCase } from './text-views/case-fold.js';
import { normalizeVisible } from './text-views/normalized-view.js';

const CONFIG: FitConfig = {
  preprocess: preprocessSchema.parse({
    text: {
      fields: ['title', 'description'],
      wordNgrams: [1, 2],
      charNgrams: [3, 4],
      buckets: 5000,
      maxTokens: 64,
    },
    image: { height: 40, width: 48, maxImages: 2 },
    numeric: { scaling: 'log-standard' },
  }),
  data: { columns: { numeric: ['price', 'age'], categorical: ['colour'] }, maxImagePixels: 100 },
};

async function* records() {
  for (const [price, colour] of [
    [1, 'red'],
    [80, 'red'],
    [-7, 'blue'],
    [400, 'blue'],
  ] as const)
    yield await Promise.resolve({ text: {}, numeric: { price, age: null }, categorical: { colour } });
}

/** The functions of a module, each of which a test may replace. */
function mockable(actual: object): object {
  return Object.fromEntries(
    Object.entries(actual).map(([name, value]: [string, unknown]) => [
      name,
      typeof value === 'function' ? jest.fn(value as never) : value,
    ]),
  );
}
jest.mock('./text-views/normalized-view.js', () =>
  mockable(jest.requireActual('./text-views/normalized-view.js')),
);
jest.mock('./text-views/case-fold.js', () => mockable(jest.requireActual('./text-views/case-fold.js')));
jest.mock('./fnv1a.js', () => mockable(jest.requireActual('./fnv1a.js')));
jest.mock('./decode-image.js', () => mockable(jest.requireActual('./decode-image.js')));
jest.mock('./category-vocabulary.js', () => {
  const actual = jest.requireActual<object & { categoryId: typeof categoryId }>('./category-vocabulary.js');
  return { ...actual, categoryId: jest.fn(actual.categoryId) }; // the class stays
});

/** `verifyProbe` where one function is another, as in other code that serves a bundle. */
async function verifyWith<F extends (...args: never[]) => unknown>(
  state: PreprocessorState,
  original: F,
  replacement: (actual: F) => F,
): Promise<void> {
  const mock = original as unknown as jest.MockInstance<ReturnType<F>, Parameters<F>>; // see above
  const actual = mock.getMockImplementation() as F;
  mock.mockImplementation(replacement(actual) as never);
  try {
    await verifyProbe(Preprocessor.fromJSON(state));
  } finally {
    mock.mockImplementation(actual as never);
  }
}

describe('verifyProbe', () => {
  let state: PreprocessorState;
  beforeAll(async () => {
    const fitted = await fitPreprocessor(CONFIG, records());
    state = JSON.parse(JSON.stringify(fitted)) as PreprocessorState;
  });
  const refusal = (input: string, probe: string) => ({
    code: 'GOLDEN_MISMATCH',
    message: expect.stringContaining(`${input} of the probe '${probe}'`) as string,
  });

  it('accepts the preprocessor that was fitted here', async () => {
    await expect(verifyProbe(Preprocessor.fromJSON(state))).resolves.toBeUndefined();
    await expect(verifyWith(state, fnv1a, (actual) => actual)).resolves.toBeUndefined();
  });

  it('accepts one of a single modality', async () => {
    const { image: _image, text: _text, ...preprocess } = CONFIG.preprocess;
    await expect(
      verifyProbe(await fitPreprocessor({ ...CONFIG, preprocess }, records())),
    ).resolves.toBeUndefined();
  });

  it('keeps little: less than 16 KB', () => {
    expect(JSON.stringify(state.probe).length).toBeLessThan(16_384);
  });

  it.each([
    ['without NFKC', (text: string) => text, 'full-width letters'],
    ['that keeps invisible characters', (text: string) => text.normalize('NFKC'), 'emoji'],
    [
      'in NFC only',
      (text: string) =>
        text.replace(/[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}]/gu, '').normalize('NFC'),
      'full-width letters',
    ],
  ])('does not let a bundle be served by a normaliser of texts %s', async (_, other, probe) => {
    const others = verifyWith(state, normalizeVisible, (actual) => (text) => ({
      ...actual(text),
      text: other(text),
    }));
    await expect(others).rejects.toMatchObject(refusal('token_BL', probe));
  });

  it('does not let a bundle be served without small letters', async () => {
    await expect(verifyWith(state, foldCase, () => (text) => text)).rejects.toMatchObject(
      refusal('token_BL', 'upper case'),
    );
  });

  it('does not let a bundle be served with another hash', async () => {
    const other = verifyWith(
      state,
      fnv1a,
      (actual) =>
        (...args) =>
          (actual(...args) ^ 1) >>> 0,
    );
    await expect(other).rejects.toMatchObject(refusal('token_BL', 'upper case'));
  });

  const input = imageInputOf(CONFIG.preprocess.image, 1e6);
  /** `decodeImage` with another way to decode. */
  const decodedBy = (decode: (image: sharp.Sharp) => sharp.Sharp) => async (bytes: Uint8Array) => {
    const image = decode(sharp(bytes)).toColourspace('srgb').raw();
    const { data, info } = await image.toBuffer({ resolveWithObject: true });
    return resizeForModel({ height: info.height, width: info.width, pixels: new Uint8Array(data) }, input);
  };
  const onWhite = (image: sharp.Sharp): sharp.Sharp => image.flatten({ background: '#fff' });
  it.each([
    [
      'that leaves resizing to libvips',
      (image: sharp.Sharp) => onWhite(image.autoOrient()).resize({ height: 40, width: 48, fit: 'fill' }),
      'JPEG',
    ],
    ['that does not turn photos upright', onWhite, 'JPEG'],
    ['that lays transparency on black', (image: sharp.Sharp) => image.autoOrient().flatten(), 'PNG'],
  ])('does not let a bundle be served by an image decoder %s', async (_, decode, photo) => {
    const other = verifyWith(state, decodeImage, () => decodedBy(decode));
    await expect(other).rejects.toMatchObject(refusal('image_BIHWC', photo));
  });

  it('accepts another decoder that gives the same pixels', async () => {
    const same = decodedBy((image) => onWhite(image.autoOrient()));
    await expect(verifyWith(state, decodeImage, () => same)).resolves.toBeUndefined();
  });

  it.each([
    ['another filter', { filter: 'bicubic' }],
    ['another policy', { resize: { fit: 'cover', crop: 'torchvision' } }],
  ] as const)('does not let a bundle be served with %s', async (_, change) => {
    const other = verifyWith(
      state,
      decodeImage,
      (actual) => (bytes, imageInput) => actual(bytes, { ...imageInput, ...change }),
    );
    await expect(other).rejects.toMatchObject(refusal('image_BIHWC', 'JPEG'));
  });

  it.each([
    [2, true],
    [3, false],
  ])('with pixels that differ by %i levels: %p', async (levels, isAccepted) => {
    const other = verifyWith(
      state,
      decodeImage,
      (actual) =>
        async (...args) =>
          (await actual(...args)).map((value) => (value > 128 ? value - levels : value + levels)),
    );
    if (isAccepted) await expect(other).resolves.toBeUndefined();
    else await expect(other).rejects.toMatchObject(refusal('image_BIHWC', 'JPEG'));
  });

  it('does not let a bundle be served where a photo cannot be decoded', async () => {
    const other = verifyWith(
      state,
      decodeImage,
      (actual) => (bytes, imageSize) => actual(bytes.subarray(0, 400), imageSize),
    );
    await expect(other).rejects.toMatchObject({
      code: 'GOLDEN_MISMATCH',
      message: expect.stringContaining("probe 'upper case'.images[0]: An image cannot be decoded") as string,
    });
  });

  it('does not let a bundle be served with other numbers or categories', async () => {
    const changed = (changes: Partial<PreprocessorState>) =>
      verifyProbe(Preprocessor.fromJSON({ ...state, ...changes }));
    const [price, age] = state.numeric.columns as [never, never];
    const shifted = { ...(price as object), mean: 1e-5 + (price as { mean: number }).mean } as never;
    const numeric = { columns: [shifted, age] };
    await expect(changed({ numeric })).rejects.toMatchObject(refusal('numeric_BF', 'composed accents'));
    await expect(changed({ numeric: { columns: [price] } })).rejects.toMatchObject(
      refusal('numeric_BF', 'upper case'),
    );
    const strict = verifyWith(
      state,
      categoryId,
      () =>
        (value, { values }) =>
          (value ?? null) === null ? 0 : 2 + values.indexOf(value ?? ''),
    );
    await expect(strict).rejects.toMatchObject(refusal('category_BC', 'composed accents'));
  });
});
