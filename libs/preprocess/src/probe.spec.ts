import sharp from 'sharp';
import { categoryId } from './category-vocabulary.js';
import { decodeImage } from './decode-image.js';
import { fitPreprocessor, type FitConfig } from './fit-preprocessor.js';
import { fnv1a } from './fnv1a.js';
import { normalizeText } from './normalize-text.js';
import { Preprocessor } from './preprocessor.js';
import type { PreprocessorState } from './preprocessor-state.js';
import { verifyProbe } from './probe.js';

const CONFIG: FitConfig = {
  preprocess: {
    text: {
      kind: 'hashed-ngrams',
      fields: ['title', 'description'],
      wordNgrams: [1, 2],
      charNgrams: [3, 4],
      buckets: 5000,
      maxTokens: 64,
    },
    image: { height: 40, width: 48, maxImages: 2 },
    numeric: { scaling: 'log-standard' },
  },
  data: { columns: { numeric: ['price', 'age'], categorical: ['colour'] }, maxImagePixels: 100 },
};

async function* records() {
  for (const [price, colour] of [
    [1, 'red'],
    [80, 'red'],
    [-7, 'blue'],
    [400, 'blue'],
  ] as const)
    yield await Promise.resolve({ numeric: { price, age: null }, categorical: { colour } });
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
jest.mock('./normalize-text.js', () => mockable(jest.requireActual('./normalize-text.js')));
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
    ['without NFKC', (text: string) => text.toLowerCase(), 'decomposed accents'],
    ['without lower case', (text: string) => text.normalize('NFKC'), 'upper case'],
    [
      'that keeps invisible characters',
      (text: string) => text.normalize('NFKC').toLowerCase().normalize('NFC'),
      'emoji',
    ],
    [
      'in NFC only',
      (text: string) =>
        text
          .replace(/[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}]/gu, '')
          .toLowerCase()
          .normalize('NFC'),
      'full-width letters',
    ],
  ])('does not let a bundle be served by a normaliser of texts %s', async (_, other, probe) => {
    await expect(verifyWith(state, normalizeText, () => other)).rejects.toMatchObject(
      refusal('token_BL', probe),
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

  const size = { height: 40, width: 48 } as const;
  it.each([
    [
      'that resizes with another kernel',
      (bytes: Uint8Array) =>
        sharp(bytes)
          .autoOrient()
          .flatten({ background: '#fff' })
          .resize({ ...size, fit: 'fill', kernel: 'linear' }),
      'JPEG',
    ],
    [
      'that does not turn photos upright',
      (bytes: Uint8Array) =>
        sharp(bytes)
          .flatten({ background: '#fff' })
          .resize({ ...size, fit: 'fill' }),
      'JPEG',
    ],
    [
      'that lays transparency on black',
      (bytes: Uint8Array) =>
        sharp(bytes)
          .autoOrient()
          .flatten()
          .resize({ ...size, fit: 'fill' }),
      'PNG',
    ],
  ])('does not let a bundle be served by an image decoder %s', async (_, decode, photo) => {
    const other = verifyWith(
      state,
      decodeImage,
      () => async (bytes) => Uint8Array.from(await decode(bytes).toColourspace('srgb').raw().toBuffer()),
    );
    await expect(other).rejects.toMatchObject(refusal('image_BIHWC', photo));
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
    const numeric = { ...state.numeric, columns: [shifted, age] };
    await expect(changed({ numeric })).rejects.toMatchObject(refusal('numeric_BF', 'composed accents'));
    await expect(changed({ numeric: { ...state.numeric, columns: [price] } })).rejects.toMatchObject(
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
