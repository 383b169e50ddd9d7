import type { TokenizerState } from './text-state.js';
import { tokenizerEncoder } from './tokenizer-encoder.js';
import { TokenizerTrainer } from './tokenizers/train-tokenizer.js';

function state(changes: Partial<TokenizerState> = {}): TokenizerState {
  const trainer = new TokenizerTrainer({
    ...{ kind: 'wordpiece', vocabularySize: 300, minFrequency: 1, lowercase: true },
  });
  trainer.add('red lamp blue lamp');
  return {
    ...{ kind: 'wordpiece', fields: ['title', 'tags'], view: 'normalized', changes: [], maxTokens: 7 },
    ...{ tokenizerJson: trainer.finish(), specialTokens: true, specialTokensInText: false, padToken: null },
    ...changes,
  };
}
const idOf = (token: string): number => {
  const { model } = JSON.parse(state().tokenizerJson) as { model: { vocab: Record<string, number> } };
  return model.vocab[token] ?? -1;
};
const [RED, LAMP, BLUE] = ['red', 'lamp', 'blue'].map(idOf);
const [CLS, SEP] = [2, 3];

describe('tokenizerEncoder', () => {
  it('puts the fields one after the other, with special tokens', () => {
    const encoder = tokenizerEncoder(state());
    expect(encoder.encode(['red lamp', 'blue'])).toEqual([CLS, RED, LAMP, SEP, BLUE, SEP]);
    expect(encoder.encode(['', ''])).toEqual([CLS, SEP, SEP]);
  });

  it('leaves special tokens out when asked to', () => {
    expect(tokenizerEncoder(state({ specialTokens: false })).encode(['red', 'blue'])).toEqual([RED, BLUE]);
  });

  it('cuts the longer field, and no special token', () => {
    expect(tokenizerEncoder(state()).encode(['red lamp red lamp red', 'blue'])).toEqual([
      ...[CLS, RED, LAMP, RED, SEP, BLUE, SEP],
    ]);
  });

  it('has ids for all tokens, and one that fills up', () => {
    const { vocabularySize, padId } = tokenizerEncoder(state());
    expect(vocabularySize).toBeGreaterThan(Math.max(RED ?? 0, LAMP ?? 0, BLUE ?? 0));
    expect(padId).toBe(0);
    expect(tokenizerEncoder(state({ padToken: '[SEP]' })).padId).toBe(SEP);
  });

  it('refuses a length that leaves no room for a token of each field', () => {
    expect(tokenizerEncoder(state({ maxTokens: 5 })).encode(['red red', 'blue'])).toEqual([
      ...[CLS, RED, SEP, BLUE, SEP],
    ]);
    expect(() => tokenizerEncoder(state({ maxTokens: 4 }))).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining('need 5') as string,
      }) as Error,
    );
  });
});
