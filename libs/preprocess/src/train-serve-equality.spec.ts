import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { preprocessSchema } from '@assay/config';
import { sha256OfBytes, sha256OfJson } from '@assay/core';
import { fitPreprocessor } from './fit-preprocessor.js';
import { Preprocessor } from './preprocessor.js';
import { PROBE_PHOTOS } from './probe-photos.js';
import { verifyProbe } from './probe.js';
import type { ContentRecord } from './record.js';
import { languageTexts } from './tokenizers/language-texts.fixture.js';
import { TokenizerTrainer } from './tokenizers/train-tokenizer.js';

const TEXTS = languageTexts(120).map((text) => text.slice(0, 500));
const PHOTOS = PROBE_PHOTOS.map(({ base64 }) => Buffer.from(base64, 'base64'));
const PRETRAINED = pretrained();

/** Listings with some of everything missing. */
const RECORDS: ContentRecord[] = TEXTS.map((text, i) => ({
  id: `listing-${i}`,
  text: { title: text, ...(i % 3 !== 0 && { description: TEXTS[(7 * i) % TEXTS.length] ?? '' }) },
  images: i % 40 === 0 ? PHOTOS.slice(0, 1 + (i % 3)) : [],
  numeric: { price: i % 5 === 0 ? null : (i * i) % 77, age: i % 4 },
  categorical: { colour: ['red', 'blue', null, 'green'][i % 4] ?? null },
}));

function pretrained(): string {
  const trainer = new TokenizerTrainer({
    ...{ kind: 'wordpiece', vocabularySize: 700, minFrequency: 2, lowercase: true },
  });
  for (const text of TEXTS) trainer.add(text);
  return trainer.finish();
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  await Promise.resolve();
  yield* items;
}

const fields = ['title', 'description'];
const file = { file: 'tokenizer.json', sha256: sha256OfBytes(Buffer.from(PRETRAINED)) };
const KINDS: readonly (readonly [kind: string, config: object])[] = [
  ['hashed n-grams', { text: { fields } }],
  ['hashed n-grams of folded texts, with changes', { text: { fields, view: 'folded', changes: true } }],
  ['bpe', { text: { kind: 'bpe', fields, vocabularySize: 600, maxTokens: 40 } }],
  ['bpe with changes', { text: { kind: 'bpe', fields, changes: true, specialTokens: false } }],
  ['wordpiece', { text: { kind: 'wordpiece', fields, vocabularySize: 600, maxTokens: 40 } }],
  ['wordpiece of raw texts', { text: { kind: 'wordpiece', fields, view: 'raw', lowercase: false } }],
  ['tokenizer.json', { text: { kind: 'tokenizer-json', fields, ...file, maxTokens: 30 } }],
  [
    'special tokens in texts',
    { text: { kind: 'tokenizer-json', fields, ...file, specialTokensInText: true } },
  ],
  ['quantiles', { numeric: { scaling: 'quantile' } }],
  [
    'a scaling for each column',
    { numeric: { columns: { price: 'quantile', age: 'log-standard' }, output: 'uniform' } },
  ],
  ['stretched images', { image: { height: 9, width: 16, filter: 'bicubic' } }],
  [
    'cut images',
    { image: { height: 16, width: 9, maxImages: 2, resize: { fit: 'cover', shortestEdge: 20 } } },
  ],
  [
    'images within borders',
    { image: { height: 16, width: 9, resize: { fit: 'contain' }, filter: 'bilinear' } },
  ],
  ['JPEGs that shrink', { image: { height: 20, width: 20, shrinkOnLoad: true } }],
  ['few categories', { categorical: { minCount: 1, maxSize: 2 } }],
];

describe.each(KINDS)('training and serving give the same bytes: %s', (_, config) => {
  let dataRoot: string;
  let preprocessor: Preprocessor;
  beforeAll(async () => {
    dataRoot = mkdtempSync(join(tmpdir(), 'preprocess-'));
    writeFileSync(join(dataRoot, 'tokenizer.json'), PRETRAINED);
    const data = { columns: { numeric: ['price', 'age'], categorical: ['colour'] }, maxImagePixels: 1e6 };
    const preprocess = preprocessSchema.parse(config);
    preprocessor = await fitPreprocessor({ preprocess, data }, each(RECORDS), { dataRoot });
    rmSync(dataRoot, { recursive: true }); // what serves has no such file
  });
  /** What serves: another process that has the JSON only. */
  const served = (): Preprocessor => Preprocessor.fromJSON(JSON.parse(JSON.stringify(preprocessor)));

  it('one by one, and in a batch', async () => {
    const batch = await served().encodeBatch(RECORDS);
    expect(Object.keys(batch).sort()).toEqual(Object.keys(preprocessor.inputSpecs).sort());
    for (const [b, record] of RECORDS.entries()) {
      const inputs = await preprocessor.encode(record);
      for (const [name, { data, shape }] of Object.entries(inputs)) {
        const stacked = batch[name as keyof typeof batch];
        expect(shape).toEqual([1, ...(preprocessor.inputSpecs[name as keyof typeof batch]?.shape ?? [])]);
        expect(stacked?.data.slice(b * data.length, (b + 1) * data.length)).toEqual(data);
      }
    }
  });

  it('ids below the size of the vocabulary, and finite numbers', async () => {
    const { token_BL, mask_BL, numeric_BF } = await served().encodeBatch(RECORDS);
    expect((token_BL?.data ?? []).every((id) => id >= 0 && id < preprocessor.vocabularySize)).toBe(true);
    if (mask_BL !== undefined) expect(new Set(mask_BL.data)).toEqual(new Set([0, 1]));
    expect(numeric_BF?.data.every(Number.isFinite)).toBe(true);
  });

  it('and accept the probe of the other', async () => {
    await expect(verifyProbe(served())).resolves.toBeUndefined();
    expect(served().digest).toBe(preprocessor.digest);
  });

  it('whose digest is that of the whole state', () => {
    expect(preprocessor.digest).toBe(sha256OfJson(JSON.parse(JSON.stringify(preprocessor))));
  });
});
