import { BYTE_CHARACTERS, toByteCharacters } from './byte-level.js';

describe('toByteCharacters', () => {
  it.each([
    ['lamp', 'lamp'],
    [' lamp', 'Ġlamp'],
    ['a b', 'aĠb'],
    ['\n', 'Ċ'],
    ['é', 'Ã©'],
    ['', ''],
    [' ', 'Ġ'],
    ['\u00ad', 'ÂŃ'],
  ])('writes %j as %j', (text, expected) => {
    expect(toByteCharacters(text)).toBe(expected);
  });

  it('has another character for each byte, none of them a space', () => {
    expect(new Set(BYTE_CHARACTERS).size).toBe(256);
    for (const character of BYTE_CHARACTERS) expect(character).toMatch(/^[^\s\p{C}]$/u);
  });
});
