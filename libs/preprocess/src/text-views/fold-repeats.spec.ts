import { foldRepeats } from './fold-repeats.js';

describe('lengthened words', () => {
  it.each([
    ['weeeapon', 'weapon'],
    ['yesss', 'yes'],
    ['soooooo', 'so'],
    ['noooo waaay', 'no way'],
    ['allll', 'all'],
    ['prettty', 'pretty'],
    ['fuccck', 'fuck'],
    ['дааа', 'да'],
    ['éééh', 'éh'],
  ])('%s is %s', (text, expected) => {
    expect(foldRepeats(text)).toBe(expected);
  });

  it.each([
    ...[
      'aaa',
      'www',
      'xxxl',
      'viii',
      'mmmdccclxxxviii',
      'iii',
      'ieee 802',
      'a7iii',
      'ooo',
      '1000',
      '!!!',
      '...',
    ],
    ...[
      'book',
      'mississippi',
      'http://a.co/baaad',
      'www.baaad.com',
      '@baaad_shop',
      '(@so_baaad)',
      '我我我',
      'baad',
    ],
  ])('%s stays', (text) => {
    expect(foldRepeats(text)).toBe(text);
  });

  it('are folded beside links', () => {
    expect(foldRepeats('sooo http://a.co/baaad baaad')).toBe('so http://a.co/baaad bad');
  });
});
