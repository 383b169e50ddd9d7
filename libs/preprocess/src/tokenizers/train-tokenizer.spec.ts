import { join } from 'node:path';
import { Random } from '@assay/core';
import { runReference, withReferences } from '@assay/testing';
import { languageTexts } from './language-texts.fixture.js';
import { LoadedTokenizer } from './loaded-tokenizer.js';
import { parseTokenizerFile } from './tokenizer-file.js';
import { TokenizerTrainer } from './train-tokenizer.js';

type Options = ConstructorParameters<typeof TokenizerTrainer>[0];
const SCRIPT = join(__dirname, '../../scripts/reference-tokenizers.py');

function train(texts: readonly string[], options: Partial<Options> & Pick<Options, 'kind'>): string {
  const trainer = new TokenizerTrainer({
    vocabularySize: 1000,
    minFrequency: 2,
    lowercase: true,
    ...options,
  });
  for (const text of texts) trainer.add(text);
  return trainer.finish();
}
const load = (file: string): LoadedTokenizer =>
  new LoadedTokenizer(parseTokenizerFile(file, 'trained'), { specialTokensInText: false });
const tokensOf = (file: string, text: string): string[] => {
  const names = new Map(
    Object.entries(parseTokenizerFile(file, 'trained').model.vocab).map(([token, id]) => [id, token]),
  );
  return load(file)
    .encode(text)
    .map((id) => names.get(id) ?? '?');
};

describe('TokenizerTrainer', () => {
  const texts = ['low low low lower', 'Lowest lower', 'new newer newest'];

  it('learns the frequent parts of words: WordPiece', () => {
    const file = train(texts, { kind: 'wordpiece' });
    expect(tokensOf(file, 'LOWER newest')).toEqual(['lower', 'new', '##est']);
    expect(tokensOf(file, 'newww')).toEqual(['new', '##w', '##w']);
    expect(tokensOf(file, 'new newl')).toEqual(['new', '[UNK]']); // l was only seen at the start of words
  });

  it('has the special tokens first', () => {
    for (const kind of ['bpe', 'wordpiece'] as const) {
      const { special, padId } = load(train(texts, { kind }));
      expect({ special, padId }).toEqual({ special: { before: [2], after: [3] }, padId: 0 });
    }
  });

  it('reads any character: BPE', () => {
    const file = train(texts, { kind: 'bpe' });
    expect(tokensOf(file, 'low')).toEqual(['Ġlow']);
    expect(tokensOf(file, '\u{1f600}')).toEqual(['Ġ', 'ð', 'Ł', 'ĺ', 'Ģ']);
  });

  it('keeps capitals apart when asked to', () => {
    const file = train([...texts, 'LOW LOW'], { kind: 'wordpiece', lowercase: false });
    expect(tokensOf(file, 'LOW low')).toEqual(['LOW', 'low']);
  });

  it('does not learn from rare words, nor more tokens than asked for', () => {
    expect(tokensOf(train(texts, { kind: 'bpe', minFrequency: 4 }), 'newest')).not.toContain('Ġnewest');
    for (const kind of ['bpe', 'wordpiece'] as const)
      expect(load(train(languageTexts(200), { kind, vocabularySize: 400 })).vocabularySize).toBe(400);
  });

  it.each(['bpe', 'wordpiece'] as const)('gives the same %s for texts in any order', (kind) => {
    const many = languageTexts(150);
    const shuffled = new Random(2, 'order').shuffle(many);
    expect(train(shuffled, { kind })).toBe(train(many, { kind }));
  });

  it('refuses to learn from nothing', () => {
    expect(() => train(['', ' '], { kind: 'wordpiece' })).toThrow(
      expect.objectContaining({ code: 'DATA_EMPTY' }) as Error,
    );
  });
});

(withReferences ? describe : describe.skip)('beside Python', () => {
  const texts = languageTexts(1200, 4).filter((text) => !/\S{250}/.test(text)); // longer words are not learnt from
  const cases = (['bpe', 'wordpiece'] as const).flatMap((kind) =>
    [true, false].map((lowercase) => ({ kind, lowercase, vocabularySize: 20_000, minFrequency: 2 })),
  );
  interface Trained {
    vocab: Record<string, number>;
    merges: [string, string][] | null;
  }
  const files = cases.map((options) => train(texts, options));
  const alphabetOf = (file: string): string[] =>
    Object.entries(parseTokenizerFile(file, '').model.vocab)
      .sort(([, a], [, b]) => a - b)
      .map(([token]) => token)
      .filter((token) => /^(##)?.$/u.test(token));
  let trained: Trained[];
  let encoded: number[][][];
  beforeAll(() => {
    const training = cases.map(({ kind, lowercase, vocabularySize, minFrequency }, i) => ({
      ...{
        operation: 'train_ours',
        kind,
        texts,
        size: vocabularySize,
        min_frequency: minFrequency,
        lowercase,
      },
      alphabet: alphabetOf(files[i] ?? ''),
    }));
    const encoding = files.map((tokenizer) => ({ operation: 'encode', tokenizer, texts }));
    const input = JSON.stringify([...training, ...encoding]);
    const results = runReference(SCRIPT, { input }) as [];
    trained = results.slice(0, cases.length);
    encoded = results.slice(cases.length);
  }, 120_000);
  const named = cases.map(
    (options, i) => [options.kind, options.lowercase ? 'small letters' : 'capitals', i] as const,
  );

  it.each(named)('learns the %s of %s that the tokenizers package learns', (_kind, _case, i) => {
    const { model } = parseTokenizerFile(files[i] ?? '', '');
    expect(model.vocab).toEqual(trained[i]?.vocab);
    if (model.type === 'BPE') expect(model.merges).toEqual(trained[i]?.merges);
  });

  it.each(named)(
    'writes a tokenizer.json, %s of %s, that gives the same ids in Python',
    (_kind, _case, i) => {
      const tokenizer = load(files[i] ?? '');
      const isSpelt = (text: string): boolean => /\[(SEP|CLS|PAD|UNK)\]/i.test(text);
      for (const [k, text] of texts.entries())
        if (!isSpelt(text)) expect([2, ...tokenizer.encode(text), 3]).toEqual(encoded[i]?.[k]);
    },
  );
});
