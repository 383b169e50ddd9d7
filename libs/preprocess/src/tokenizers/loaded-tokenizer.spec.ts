import { join } from 'node:path';
import { runReference, withReferences } from '@assay/testing';
import { languageTexts } from './language-texts.fixture.js';
import { LoadedTokenizer, type TokenizerOptions } from './loaded-tokenizer.js';
import { parseTokenizerFile } from './tokenizer-file.js';

const SCRIPT = join(__dirname, '../../scripts/reference-tokenizers.py');
const FAMILIES = [
  ...['bert-uncased', 'bert-cased', 'roberta', 'roberta-prefix', 'clip', 'whitespace', 'words', 'added'],
];

const special = (id: number, content: string): object => ({ id, content, special: true });
const TINY = {
  added_tokens: [special(0, '[PAD]'), special(1, '[UNK]'), special(2, '[SEP]')],
  pre_tokenizer: { type: 'WhitespaceSplit' },
  post_processor: null as object | null,
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    vocab: { '[PAD]': 0, '[UNK]': 1, '[SEP]': 2, a: 3, b: 4, '##b': 5, __proto__: 6, constructor: 7 },
  },
};
const load = (changes: object = {}, options: Partial<TokenizerOptions> = {}): LoadedTokenizer =>
  new LoadedTokenizer(parseTokenizerFile(JSON.stringify({ ...TINY, ...changes }), 'tiny.json'), {
    specialTokensInText: false,
    ...options,
  });

describe('LoadedTokenizer', () => {
  it('gives the longest pieces of each word, or the unknown token', () => {
    expect(load().encode('ab b bb abc')).toEqual([3, 5, 4, 4, 5, 1]);
    expect(load().encode('')).toEqual([]);
  });

  it('does not let a text spell a special token, unless asked to', () => {
    expect(load().encode('a [SEP] a[SEP]b')).toEqual([3, 1, 1]);
    expect(load({}, { specialTokensInText: true }).encode('a [SEP] a[SEP]b')).toEqual([3, 2, 3, 2, 4]);
  });

  it('takes names of what every object has for words', () => {
    expect(load().encode('constructor toString')).toEqual([7, 1]);
  });

  it('says how many ids there are, also where the file leaves some out', () => {
    expect(load().vocabularySize).toBe(8);
    const added_tokens = [...TINY.added_tokens, { id: 90, content: '<image>', special: false }];
    const more = load({ added_tokens });
    expect(more.vocabularySize).toBe(91);
    expect(more.encode('a<image>b')).toEqual([3, 90, 4]);
  });

  it.each([
    ['the [PAD] of the file', {}, undefined, 0],
    ['its padding', { padding: { pad_id: 5 } }, undefined, 5],
    ['the token that is named', { padding: { pad_id: 5 } }, '[UNK]', 1],
    [
      '0 when there is nothing else',
      { added_tokens: [], model: { ...TINY.model, vocab: { '[UNK]': 1 } } },
      undefined,
      0,
    ],
  ])('fills up with %s', (_, changes, padToken, padId) => {
    expect(load(changes, { padToken }).padId).toBe(padId);
  });

  it('refuses to fill up with a token that is not there', () => {
    expect(() => load({}, { padToken: '<pad>' })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }) as Error,
    );
  });

  it.each([
    [{ type: 'BertProcessing', sep: ['[SEP]', 2], cls: ['[CLS]', 9] }, [9], [2]],
    [{ type: 'ByteLevel' }, [], []],
    [null, [], []],
    [
      {
        type: 'TemplateProcessing',
        single: [
          ...[{ SpecialToken: { id: 'x', type_id: 0 } }, { SpecialToken: { id: 'y', type_id: 0 } }],
          ...[{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: 'z', type_id: 0 } }],
        ],
        pair: [],
        special_tokens: { x: { id: 'x', ids: [7, 8] }, y: { id: 'y', ids: [6] }, z: { id: 'z', ids: [5] } },
      },
      [7, 8, 6],
      [5],
    ],
    [
      {
        type: 'Sequence',
        processors: [{ type: 'ByteLevel' }, { type: 'RobertaProcessing', sep: ['</s>', 2], cls: ['<s>', 0] }],
      },
      [0],
      [2],
    ],
  ])('knows what the model expects around a text: %j', (post_processor, before, after) => {
    expect(load({ post_processor }).special).toEqual({ before, after });
  });
});

describe('parseTokenizerFile', () => {
  it.each([
    ['what is no JSON', 'version https://git-lfs.github.com/spec/v1', '(top level)'],
    [
      'an unknown normaliser',
      { normalizer: { type: 'Precompiled', precompiled_charsmap: '' } },
      'normalizer.type',
    ],
    ['an unknown pre-tokeniser', { pre_tokenizer: { type: 'Metaspace' } }, 'pre_tokenizer.type'],
    ['a model that is not read alike', { model: { type: 'Unigram', vocab: [] } }, 'model.type'],
    [
      'tokens that stand for whole words only',
      { added_tokens: [{ ...special(1, 'x'), single_word: true }] },
      'single_word',
    ],
    ['merges at random', { model: { type: 'BPE', vocab: {}, merges: [], dropout: 0.1 } }, 'model.dropout'],
  ])('refuses %s, naming it', (_, changes, path) => {
    const text = typeof changes === 'string' ? changes : JSON.stringify({ ...TINY, ...changes });
    expect(() => parseTokenizerFile(text, 'tiny.json')).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining(path) as string,
      }) as Error,
    );
  });
});

(withReferences ? describe : describe.skip)('beside Python', () => {
  const texts = languageTexts(1200);
  const learntFrom = texts.slice(0, 500).filter(({ length }) => length < 1000);
  let files: string[];
  let expected: number[][][];
  beforeAll(() => {
    files = runReference(SCRIPT, {
      input: JSON.stringify(FAMILIES.map((family) => ({ operation: 'train', family, texts: learntFrom }))),
    }) as string[];
    expected = runReference(SCRIPT, {
      input: JSON.stringify(files.map((tokenizer) => ({ operation: 'encode', tokenizer, texts }))),
    }) as number[][][];
  }, 120_000);

  it.each(FAMILIES.map((family, i) => [family, i] as const))(
    'gives the ids of a %s tokeniser',
    (family, i) => {
      const tokenizer = new LoadedTokenizer(parseTokenizerFile(files[i] ?? '', family), {
        specialTokensInText: true,
      });
      const { before, after } = tokenizer.special;
      const different = texts.filter((text, k) => {
        const ids = [...before, ...tokenizer.encode(text), ...after];
        return ids.join() !== expected[i]?.[k]?.join();
      });
      expect(different).toEqual([]);
    },
  );
});
