import { codesOf, foldLeet } from './fold-leet.js';

const fold = (text: string): string => foldLeet(text.toLowerCase(), codesOf(text));

describe('leet', () => {
  it.each([
    ['h4te', 'hate'],
    ['w3ap0n', 'weapon'],
    ['b1tch', 'bitch'],
    ['k1ll', 'kill'],
    ['fa1se', 'false'],
    ['be11y', 'belly'],
    ['f00l', 'fool'],
    ['h4t3', 'hate'],
    ['mu5lim', 'muslim'],
    ['slu7s', 'sluts'],
    ['pu55y', 'pussy'],
    ['b4dg3r', 'badger'],
    ['ci9ar3tte', 'cigarette'],
    ['c@sh', 'cash'],
    ['sh!t!!', 'shit!!'],
    ['a$$', 'ass'],
    ['$hit', 'shit'],
    ['boob$', 'boobs'],
    ['4sshole', 'asshole'],
    ['1mmigrants', 'immigrants'],
    ['(h4te)', '(hate)'],
    ['H4TE', 'hate'],
    ['SH1T', 'shit'],
    ['F4G', 'fag'],
  ])('%s is %s', (text, expected) => {
    expect(fold(text)).toBe(expected);
  });

  it.each([
    ...[
      '3xl',
      'm4',
      'iphone13',
      '5kg',
      '100ml',
      'ps5',
      'mp3player',
      'ps4slim',
      'cat5e',
      'b2b',
      '5x7in',
      'l8r',
    ],
    ...['a7iii', 'g7x', 'm4a1', '1080p', 'wh1000xm4', 'c6h12o6', '24/7', '3d', 'top10', 'x1', 'ar15', '90s'],
    ...[
      '3mmol',
      '1mmhg',
      '4ccfl',
      '3mm',
      'usd$',
      'us$50',
      '$us',
      '$100',
      '5$',
      '100$',
      '50%',
      '!',
      '$$$',
      '@',
    ],
    ...['great!buy', 'wow!', 'yes!!ok', 'me@work', 'rt@someone', 'mt@someone', '#gifts4all', '$twtr', 'm4w'],
    ...['\\n@gregory', '凄い。@j4ckmull', 'ボー@マン', 'йорка!вот', 'н4те', '\\/\\/t.co\\/6edpineb4x'],
    ...['http://sh1t.com', 'www.b00k.com', 'shop.com/b00k', 'b0b@mail.com', '@l33t_one'],
    ...['a1b2c3d4', 'b111d', `${'a'.repeat(16)}4${'b'.repeat(16)}`],
  ])('%s is none', (text) => {
    expect(fold(text)).toBe(text);
  });

  it.each([
    ['3v3ry f1n15h3d', 'every finished'],
    ['w3r3 74k3n', 'were taken'],
    ['b1tch 1n574n7', 'bitch instant'],
  ])('is heavier where a lighter word is: %s', (text, expected) => {
    expect(fold(text)).toBe(expected);
  });

  it.each(['f1n15h3d', 'w3r3 xk571c 500g 10cm iphone13 4567 b1234d ab8cd'])(
    'is not heavier alone: %s',
    (text) => {
      expect(fold(text)).toBe(text.replace('w3r3', 'were'));
    },
  );

  it.each(['CH3OH', 'H3PO4', 'Fe3O4', 'K3PO4', 'NaHCO3', 'iPhone3GS', 'Canon M1A', 'X3F sensor'])(
    'is not in the code %s',
    (text) => {
      expect(fold(text)).toBe(text.toLowerCase());
    },
  );

  it('hides in no code of three capitals when the whole text is in capitals', () => {
    expect([...codesOf('buy an M1A')]).toEqual(['m1a']);
    expect([...codesOf('BUY AN M1A')]).toEqual([]);
  });
});
