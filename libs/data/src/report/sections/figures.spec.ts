import { bytes, fraction, signedFraction } from './figures.js';

test('shares have three digits, and differences a sign', () => {
  expect([fraction(0.12345), fraction(NaN)]).toEqual(['0.123', '–']);
  expect([0.0204, -0.0204, 0.0004, -0.0004].map(signedFraction)).toEqual([
    '+0.020',
    '−0.020',
    '±0.000',
    '±0.000',
  ]);
});

test('sizes have the unit that fits', () => {
  expect([999, 1500, 2_345_678].map(bytes)).toEqual(['999 B', '2 kB', '2.3 MB']);
});
