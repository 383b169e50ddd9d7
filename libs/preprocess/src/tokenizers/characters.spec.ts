import { join } from 'node:path';
import { runReference, withReferences } from '@assay/testing';
import { CLASSES } from '../text-views/unicode-tables.js';
import { createPreTokenizer } from './pre-tokenizer.js';
import { runNormalizer } from './run-normalizer.js';
import { parseTokenizerFile } from './tokenizer-file.js';

const SCRIPT = join(__dirname, '../../scripts/reference-tokenizers.py');
const FAMILIES = ['bert-uncased', 'bert-cased', 'roberta', 'clip', 'whitespace', 'words'];
const FORMS = ['NFC', 'NFD', 'NFKC', 'NFKD', 'StripAccents', 'Lowercase'] as const;

/** Characters that every supported Node knows, of the planes that hold letters and signs, each between letters. */
function textsOfCharacters(): string[] {
  const unknown = new RegExp(`[${CLASSES.late}\\p{Cn}\\p{Cs}]`, 'u');
  const ideograph = /[\u3401-\u4dbe\u4e01-\u9ffe\uac02-\ud7a2\ue001-\uf8fe]/;
  const texts: string[] = [];
  for (let code = 0; code < 0x20100; code++) {
    const character = String.fromCodePoint(code);
    if (!unknown.test(character) && !ideograph.test(character)) texts.push(`a${character}b `);
  }
  return texts;
}

(withReferences ? describe : describe.skip)('every character, as Python reads it', () => {
  interface Reading {
    file: string;
    normalized: string[];
    words: string[][];
    forms: Record<string, string[]>;
  }
  const all = textsOfCharacters();
  const texts = Array.from({ length: Math.ceil(all.length / 100) }, (_, i) =>
    all.slice(100 * i, 100 * (i + 1)).join(''),
  );
  /** Names the first text that is read in another way. */
  const expectSame = (read: (text: string) => unknown, expected: readonly unknown[] = []): void => {
    const at = texts.findIndex((text, i) => JSON.stringify(read(text)) !== JSON.stringify(expected[i]));
    if (at >= 0) expect(read(texts[at] ?? '')).toEqual(expected[at]);
    expect(expected).toHaveLength(texts.length);
  };
  let readings: Reading[];
  beforeAll(() => {
    const input = JSON.stringify(FAMILIES.map((family) => ({ operation: 'characters', family, texts })));
    readings = runReference(SCRIPT, { input }) as Reading[];
  }, 120_000);

  it('covers the planes', () => {
    expect(all.length).toBeGreaterThan(25_000);
  });

  it.each(FAMILIES.map((family, i) => [family, i] as const))('in the parts of %s', (family, i) => {
    const { file = '', normalized, words } = readings[i] ?? {};
    const { normalizer, pre_tokenizer } = parseTokenizerFile(file, family);
    if (normalizer) expectSame((text) => runNormalizer(normalizer, text), normalized);
    const cut = createPreTokenizer(pre_tokenizer!);
    expectSame((text) => cut.pre_tokenize(text), words);
  });

  it.each(FORMS)('in %s', (type) => {
    expectSame((text) => runNormalizer({ type }, text), readings[0]?.forms[type]);
  });
});
