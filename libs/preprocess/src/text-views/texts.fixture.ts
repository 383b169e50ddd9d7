import fc from 'fast-check';

const PIECES = [
  ...'aeiouyhmnlstxI4013579@$! .-_/\t\n'.split(''),
  ...['W', 'A', 'ß', 'ς', 'é', 'ı', 'İ', 'ﬁ', 'ｗ', '𝐰', '①', '㎏', '½', '´', '™', 'µ'],
  ...[
    'е',
    'а',
    'р',
    'я',
    'П',
    'Н',
    'н',
    'ɴ',
    'Ꭺ',
    'ꭺ',
    'Ν',
    'Υ',
    'υ',
    'ο',
    'α',
    'ب',
    'א',
    'ा',
    'क',
    '한',
    'ᄒ',
    'ᅡ',
    'ᆫ',
    '手',
    'ﾞ',
    'か',
  ],
  ...['\u0301', '\u0316', '\u0344', '\u0345', '\u05b0', '\u3099', '\u09be', '\u09c7', '\u1ab0'],
  ...['\u200b', '\u200d', '\u00ad', '\u202e', '\u2066', '\ufe0f', '\u{e0061}', '\u034f', '\u3164', '\r\n'],
  ...['\u00a0', '\u3000', '\u2028', '\u2800', '😀', '\ud83d', '\ude00', '\ufffd', '\u{1ccd6}', '\u{1e5ee}'],
  ...['h4te', 's e x', 'w.e.a.p', '4ss', '$hit', 'a$$', 'sooo', 'http://', 'a@b.c', 'www.', 'VIII', 'CH3OH'],
];

/** Texts of characters and words that the views treat apart, beside each other in any order. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 24 }).map((pieces) => pieces.join('')),
  fc.string({ unit: 'binary', maxLength: 24 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 24 })
    .map((units) => String.fromCharCode(...units)),
);

/** ASCII texts in which most folds have something to do. */
export const anyAsciiText: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(...'aehilosstx4013$@! .- w'.split(''), 'S', 'I', 'X', 'ee', 'h4te'), {
    maxLength: 30,
  })
  .map((pieces) => pieces.join(''));
