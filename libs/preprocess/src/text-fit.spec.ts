import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { preprocessSchema, type PreprocessConfig } from '@assay/config';
import { sha256OfBytes } from '@assay/core';
import { CHANGES } from './text-fields.js';
import { createTextFit } from './text-fit.js';
import type { TextState } from './text-state.js';
import { TokenizerTrainer } from './tokenizers/train-tokenizer.js';

const TEXTS = [
  { title: 'ＬＡＭＰ lamp', tags: 'brass' },
  { title: 'lamp', tags: 'brass lamp' },
];

async function fit(text: object, dataRoot = '.'): Promise<TextState> {
  const config = preprocessSchema.parse({ text: { fields: ['title', 'tags'], ...text } }).text;
  const textFit = await createTextFit(config as NonNullable<PreprocessConfig['text']>, dataRoot);
  for (const record of TEXTS) textFit.add(record);
  return textFit.finish();
}

function trained(kind: 'bpe' | 'wordpiece', texts: readonly string[]): string {
  const trainer = new TokenizerTrainer({ kind, vocabularySize: 8192, minFrequency: 2, lowercase: true });
  for (const text of texts) trainer.add(text);
  return trainer.finish();
}

describe('createTextFit', () => {
  it('learns nothing for hashed n-grams', async () => {
    expect(await fit({ wordNgrams: [1, 1], charNgrams: null, buckets: 9, maxTokens: 3 })).toEqual({
      ...{
        kind: 'hashed-ngrams',
        hash: 'fnv1a-32',
        fields: ['title', 'tags'],
        view: 'normalized',
        changes: [],
      },
      ...{ wordNgrams: [1, 1], charNgrams: null, buckets: 9, maxTokens: 3 },
    });
    expect(await fit({ changes: true })).toMatchObject({ changes: CHANGES });
  });

  it.each(['bpe', 'wordpiece'] as const)(
    'trains a vocabulary on the view of all fields: %s',
    async (kind) => {
      const normalized = trained(kind, ['LAMP lamp', 'brass', 'lamp', 'brass lamp']);
      const raw = trained(kind, ['ＬＡＭＰ lamp', 'brass', 'lamp', 'brass lamp']);
      expect(raw).not.toBe(normalized);
      expect(await fit({ kind })).toMatchObject({ kind, view: 'normalized', tokenizerJson: normalized });
      expect(await fit({ kind, view: 'raw' })).toMatchObject({ tokenizerJson: raw });
    },
  );

  describe('with a file', () => {
    const text = trained('bpe', ['lamp lamp']);
    const sha256 = sha256OfBytes(Buffer.from(text));
    const config = { kind: 'tokenizer-json', file: 'model/tokenizer.json', sha256 };
    let dataRoot: string;
    beforeEach(() => {
      dataRoot = mkdtempSync(join(tmpdir(), 'text-fit-'));
    });
    afterEach(() => {
      rmSync(dataRoot, { recursive: true });
    });
    const write = (content: string): void => {
      writeFileSync(join(dataRoot, 'tokenizer.json'), content);
    };

    it('keeps its text', async () => {
      write(text);
      expect(await fit({ ...config, file: 'tokenizer.json', padToken: '[SEP]' }, dataRoot)).toEqual({
        ...{ kind: 'tokenizer-json', fields: ['title', 'tags'], view: 'raw', changes: [], maxTokens: 256 },
        ...{ tokenizerJson: text, specialTokens: true, specialTokensInText: false, padToken: '[SEP]' },
      });
    });

    it('refuses a file that is not there, or is another one', async () => {
      await expect(fit(config, dataRoot)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
      write(`${text} `);
      await expect(fit({ ...config, file: 'tokenizer.json' }, dataRoot)).rejects.toMatchObject({
        code: 'FILE_CORRUPT',
        message: expect.stringContaining(sha256OfBytes(Buffer.from(`${text} `))) as string,
      });
    });

    it('refuses a file that is no tokeniser before any record is read', async () => {
      write('{}');
      const other = { ...config, file: 'tokenizer.json', sha256: sha256OfBytes(Buffer.from('{}')) };
      await expect(fit(other, dataRoot)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    });
  });
});
