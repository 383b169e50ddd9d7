import { normalizeText } from './normalize-text.js';

describe('normalizeText', () => {
  it.each([
    ['full-width letters', 'Ｃｕｒｅ', 'cure'],
    ['ligatures', 'ﬁne', 'fine'],
    ['zero-width spaces', 'cu\u200bre', 'cure'],
    ['soft hyphens', 'cu\u00adre', 'cure'],
    ['bidirectional overrides', '\u202ecure\u202c', 'cure'],
    ['Arabic letter marks, which are bidirectional controls only', '\u061ccure', 'cure'],
    ['an invisible character between a letter and its accent', 'cafe\u200d\u0301', 'café'],
    ['a capital that becomes two characters', 'A\u0130', 'ai\u0307'],
    ['capitals', 'CÛRE ΣΑΣ', 'cûre σας'],
  ])('sees through %s', (_, text, expected) => {
    expect(normalizeText(text)).toBe(expected);
  });

  it('keeps emoji and spaces', () => {
    expect(normalizeText('A 😀\tb')).toBe('a 😀\tb');
  });
});
