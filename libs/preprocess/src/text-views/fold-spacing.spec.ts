import { foldSpacing } from './fold-spacing.js';

describe('spread letters', () => {
  it.each([
    ['spaces', 'buy w e a p o n now', 'buy weapon now'],
    ['dots', 'buy w.e.a.p.o.n now', 'buy weapon now'],
    ['dashes', 'w-e-a-p-o-n', 'weapon'],
    ['underscores', 'w_e_a_p_o_n', 'weapon'],
    ['stars', 'w*e*a*p*o*n', 'weapon'],
    ['slashes', 'w/e/a/p/o/n', 'weapon'],
    ['bullets', 'w•e•a•p•o•n', 'weapon'],
    ['digits for letters', 'h 4 t e', 'h4te'],
    ['accents', 'e\u0301 t e\u0301 s', 'e\u0301te\u0301s'],
    ['another script', 'к у п и', 'купи'],
    ['capitals', 'G U N for sale', 'GUN for sale'],
    ['a word behind', 's e x toys', 'sex toys'],
    ['an article in front', 'a c a n c e r', 'a cancer'],
    ['a pronoun in front', 'I h a t e', 'I hate'],
    ['a pronoun behind', 'h a t e I', 'hate I'],
    ['two spaces between words', 'b u y  g u n s', 'buy  guns'],
    ['two letters between two spaces', 'i s  i t  n e w', 'is  it  new'],
    ['a sentence around', 'so: k.i.l.l.e.r.', 'so: killer.'],
  ])('are joined: %s', (_, text, expected) => {
    expect(foldSpacing(text)).toBe(expected);
  });

  it.each([
    ['two letters', 'a b'],
    ['different signs', 'w-e a.p'],
    ['letters inside words', 'xw-e-a-pon'],
    ['letters without a vowel', 'sizes S M L'],
    ['sides', 'L x W x H'],
    ['numbers in front of units', '5 x 3 x 2 x 1 m'],
    ['the alphabet', 'vitamins A B C D, types A/B/C'],
    ['abbreviations', 'U.S.A, a.k.a. me, e.l.f. lips'],
    ['names of machines', 'a.b.c.example.com, host.a.b.c'],
    ['short words of another script', 'а я в шоке'],
    ['two letters without a vowel', 'x  S M  y'],
    ['short words of chats', 'r u a fan, y u a'],
    ['endings behind apostrophes', "don't a g, we r i'm, it’s a g"],
    ['handles', '@_j_o_e_ and @a_b_i_e'],
    ['digits', '1 2 3 4'],
    ['sentences', 'I am a man'],
  ])('are not: %s', (_, text) => {
    expect(foldSpacing(text)).toBe(text);
  });
});
