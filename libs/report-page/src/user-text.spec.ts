import { escapeHtml } from './escape-html.js';
import { clippedText, userText } from './user-text.js';

test('escapeHtml leaves no character that could end an attribute or open a tag', () => {
  expect(escapeHtml(`<a b="c" d='e'>&`)).toBe('&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;');
});

describe('userText', () => {
  const mark = (code: string): string => `<i class="hidden-mark">U+${code}</i>`;

  it('escapes on both sides of a hidden character', () => {
    expect(userText('<a>\u200B"b"')).toBe(`<bdi>&lt;a&gt;${mark('200B')}&quot;b&quot;</bdi>`);
  });

  it.each([
    ['null', '\0', '0000'],
    ['escape', '\u001B', '001B'],
    ['a lone carriage return', '\r', '000D'],
    ['soft hyphen', '\u00AD', '00AD'],
    ['left-to-right embedding', '\u202A', '202A'],
    ['right-to-left override', '\u202E', '202E'],
    ['first strong isolate', '\u2068', '2068'],
    ['pop directional isolate', '\u2069', '2069'],
    ['byte order mark', '\uFEFF', 'FEFF'],
    ['combining grapheme joiner', '\u034F', '034F'],
    ['filler of Hangul', '\u3164', '3164'],
    ['filler of Hangul, half width', '\uFFA0', 'FFA0'],
    ['blank Braille pattern', '\u2800', '2800'],
    ['annotation anchor', '\uFFF9', 'FFF9'],
    ['a tag letter', '\u{E0061}', 'E0061'],
    ['half a surrogate pair', '\uD83D', 'D83D'],
  ])('shows %s by its code point', (_, character, code) => {
    expect(userText(`a${character}b`)).toBe(`<bdi>a${mark(code)}b</bdi>`);
  });

  it('leaves tabs, line breaks, joined emoji and Arabic as they are', () => {
    expect(userText('a\tb\r\nc')).toBe('<bdi>a\tb\nc</bdi>');
    expect(userText('👩‍🔧❤️ مى‌خواهم')).toBe('<bdi>👩‍🔧❤️ مى‌خواهم</bdi>');
  });
});

describe('clippedText', () => {
  it('says how much is left out, and leaves a text of just that length whole', () => {
    expect(clippedText('abcd', 3)).toBe('<bdi>abc</bdi><i class="clipped">… 1 more</i>');
    expect(clippedText('abcd', 4)).toBe('<bdi>abcd</bdi>');
  });

  it('never cuts a character in two, and counts it once', () => {
    expect(clippedText('😀😀', 1)).toBe('<bdi>😀</bdi><i class="clipped">… 1 more</i>');
  });
});
