import { csvField, toCsv, toJsonLines } from './csv.js';

test('a field is quoted only when it holds a comma, a quote or a line end', () => {
  expect(['plain', 'a,b', 'say "hi"', 'two\nlines', 'cr\rhere', '', 4.5].map(csvField)).toEqual([
    'plain',
    '"a,b"',
    '"say ""hi"""',
    '"two\nlines"',
    '"cr\rhere"',
    '',
    '4.5',
  ]);
});

test('rows follow the order of the columns and lack nothing', () => {
  expect(toCsv(['b', 'a'], [{ a: 1, b: 'x,y' }, { a: 2 }])).toBe('b,a\n"x,y",1\n,2\n');
});

test('JSON lines end each value with a newline', () => {
  expect(toJsonLines([{ a: 1 }, 'é\n'])).toBe('{"a":1}\n"é\\n"\n');
});
