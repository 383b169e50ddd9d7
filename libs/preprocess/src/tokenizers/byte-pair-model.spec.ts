import { BytePairModel, type BpeFile } from './byte-pair-model.js';

const idsOf = (tokens: readonly string[]): Record<string, number> =>
  Object.fromEntries(tokens.map((token, id) => [token, id]));

function model(changes: Partial<BpeFile> = {}): BytePairModel {
  return new BytePairModel({
    type: 'BPE',
    vocab: idsOf(['a', 'b', 'c', 'ab', 'abc', 'aa', 'bc', '?']),
    merges: [
      ['b', 'c'],
      ['a', 'b'],
      ['a', 'bc'],
      ['a', 'a'],
    ],
    ...{ fuse_unk: false, byte_fallback: false, ignore_merges: false },
    ...changes,
  });
}
const tokensOf = (words: string[], changes: Partial<BpeFile> = {}): string[] => model(changes)._call(words);

describe('BytePairModel', () => {
  it('merges the pair that was learnt first, wherever it stands', () => {
    expect(tokensOf(['abc', 'ab', 'aab'])).toEqual(['abc', 'ab', 'a', 'ab']);
  });

  it('merges equal pairs from the left', () => {
    expect(tokensOf(['aaaaa'])).toEqual(['aa', 'aa', 'a']);
  });

  it('reads merges of both formats', () => {
    expect(tokensOf(['abc'], { merges: ['b c', 'a bc'] })).toEqual(['abc']);
  });

  it('drops a character that has no token, and merges what then stands side by side', () => {
    expect(tokensOf(['axbx', 'x'])).toEqual(['ab']);
  });

  it('puts the unknown token in place of each, or of several of a word together', () => {
    expect(tokensOf(['xya', 'x', 'x'], { unk_token: '?' })).toEqual(['?', '?', 'a', '?', '?']);
    expect(tokensOf(['xya', 'x', 'x'], { unk_token: '?', fuse_unk: true })).toEqual(['?', 'a', '?', '?']);
  });

  it('spells a character in bytes where the file says so, unless a byte has no token', () => {
    const vocab = idsOf(['a', '?', '<0xC3>', '<0xA9>']);
    const changes = { vocab, byte_fallback: true, unk_token: '?' };
    expect(tokensOf(['aéè'], changes)).toEqual(['a', '<0xC3>', '<0xA9>', '?']);
  });

  it('knows the end of a word', () => {
    const vocab = idsOf(['a', 'b', 'b</w>', 'ab</w>']);
    const changes: Partial<BpeFile> = { vocab, merges: [['a', 'b</w>']], end_of_word_suffix: '</w>' };
    expect(tokensOf(['ab', 'bab'], changes)).toEqual(['ab</w>', 'b', 'ab</w>']);
  });

  it('takes a word that is a token as it is where the file says so', () => {
    const changes: Partial<BpeFile> = { merges: [['a', 'b']] };
    expect(tokensOf(['abc'], changes)).toEqual(['ab', 'c']);
    expect(tokensOf(['abc'], { ...changes, ignore_merges: true })).toEqual(['abc']);
  });

  it('gives a word the same tokens every time', () => {
    const same = model();
    expect(same._call(['aab', 'aab'])).toEqual(['a', 'ab', 'a', 'ab']);
  });
});
