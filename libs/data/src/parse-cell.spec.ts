import { parseNumber, parseTime } from './parse-cell.js';

const invalid = expect.objectContaining({ code: 'RECORD_INVALID', details: { column: 'x' } }) as Error;

describe('parseNumber', () => {
  it.each([
    ['12', 12],
    [' -3.5e-2 ', -0.035],
    ['.5', 0.5],
    ['+7.', 7],
    ['', null],
    ['  ', null],
  ])('reads %j as %j', (cell, value) => {
    expect(parseNumber(cell, 'x')).toBe(value);
  });

  it.each(['abc', '1,5', '0x10', 'NaN', 'Infinity', '1e999', '3.5e38', '1 2', '.'])('refuses %j', (cell) => {
    expect(() => parseNumber(cell, 'x')).toThrow(invalid);
  });
});

describe('parseTime', () => {
  it.each([
    ['2024-02-29', Date.UTC(2024, 1, 29)],
    ['2024-05-31T18:01:02Z', Date.UTC(2024, 4, 31, 18, 1, 2)],
    ['2024-05-31 18:01', Date.UTC(2024, 4, 31, 18, 1)],
    ['2024-05-31T18:00:00.25+02:00', Date.UTC(2024, 4, 31, 16, 0, 0, 250)],
    ['2024-05-31T18:00:00-0130', Date.UTC(2024, 4, 31, 19, 30)],
  ])('reads %j', (cell, expected) => {
    expect(parseTime(cell, 'x')).toBe(expected);
  });

  it.each([
    'yesterday',
    '2023-02-29',
    '2024-13-01',
    '2024-05-31T24:30:00Z',
    '2024-05-31T18:61',
    '0099-01-01',
    '2024-05-31T18:00+15:00',
    '2024-05-31T18:00+01:60',
    '31.05.2024',
    '1717178400',
  ])('refuses %j', (cell) => {
    expect(() => parseTime(cell, 'x')).toThrow(invalid);
  });

  it('reads an empty cell as missing', () => {
    expect(parseTime(' ', 'x')).toBeNull();
  });
});
