import fc from 'fast-check';
import { cellsOf, cutsArbitrary, linesOf, parseCut, readFiles } from './sources.fixture.js';
import { JsonLinesParser } from './json-lines-parser.js';

const read = (text: string | Buffer, columns: readonly string[], maxRowBytes?: number) =>
  readFiles({ 'a.jsonl': text }, { columns, ...(maxRowBytes === undefined ? {} : { maxRowBytes }) });

describe('JSON Lines', () => {
  it('gives nested columns by a path, through lists, and whole values', async () => {
    const row = {
      id: 'a',
      'seller.id': 'exact',
      seller: { id: 7, address: { town: 'Ghent' } },
      images: [{ url: 'x', size: [1, 2] }, { url: 'y' }],
      ok: true,
      none: null,
    };
    const columns = [
      'id',
      'seller.id',
      'seller.address.town',
      'images.url',
      'images.size',
      'ok',
      'none',
      'seller',
    ];
    const { rows } = await read(`${JSON.stringify(row)}\n`, columns);
    expect(rows[0]?.cells).toEqual([
      'a',
      'exact',
      'Ghent',
      ['x', 'y'],
      [[1, 2], null],
      true,
      null,
      row.seller,
    ]);
  });

  it('gives null where a row lacks a column that others have', async () => {
    const result = await read('{"a":1}\r\n\r\n  \n\ufeff{"b":[]}\n', ['a', 'b']);
    expect(cellsOf(result)).toEqual([
      [1, null],
      [null, []],
    ]);
    expect(linesOf(result)).toEqual([1, 4]);
  });

  it('refuses a column that no row has', async () => {
    await expect(read('{"a":1}\n{"a":2}', ['a', 'titel', 'toString'])).rejects.toMatchObject({
      code: 'COLUMN_MISSING',
      message: expect.stringContaining("'titel', 'toString'") as string,
    });
  });

  it.each([
    ['what is not JSON', '{"a":1', 'not JSON', null],
    ['a list', '[1]', 'no JSON object', null],
    ['a NUL byte', '{"a":"\0"}', 'not JSON', null],
    ['an escaped NUL', '{"a":["x\\u0000"]}', 'NUL', 'a'],
    ['half a surrogate pair', '{"a":"\\ud800"}', 'surrogate', 'a'],
    ['an integer that a number cannot hold', '{"a":{"b":12345678901234567890}}', 'cannot hold', 'a'],
    ['a line that is too long', `{"a":"${'x'.repeat(60)}"}`, 'more than 50 bytes', null],
  ])('rejects %s and goes on', async (_, bad, message, column) => {
    const result = await read(`{"a":1}\n${bad}\n{"a":3}\n`, ['a'], 50);
    expect(linesOf(result)).toEqual([1, 3]);
    expect(result.rejected).toEqual([
      {
        source: 'a.jsonl',
        line: 2,
        column,
        code: 'RECORD_INVALID',
        message: expect.stringContaining(message) as string,
        raw: bad.length > 50 ? `${bad.slice(0, 50)}…` : bad,
      },
    ]);
  });

  it('rejects a value of very many levels and goes on', async () => {
    const deep = (levels: number): string => `{"a":${'['.repeat(levels)}"x"${']'.repeat(levels)}}`;
    const { rejected, ...good } = await read(`${deep(100)}\n${deep(101)}\n${deep(100_000)}\n{"a":3}\n`, [
      'a',
    ]);
    expect(linesOf({ rejected, ...good })).toEqual([1, 4]);
    expect(rejected.map(({ line, message }) => [line, message])).toEqual([
      [2, "'a' is nested more than 100 levels deep."],
      [3, "'a' is nested more than 100 levels deep."],
    ]);
  });

  it('keeps a large integer in quotes, and long fractions', async () => {
    const result = await read('{"a":"12345678901234567890","b":0.12345678901234567}\n', ['a', 'b']);
    expect(cellsOf(result)).toEqual([['12345678901234567890', Number('0.12345678901234567')]]);
  });

  it('holds nothing of a line that is too long', () => {
    const options = { source: 'a', columns: ['a'], maxRowBytes: 50, onColumn: () => undefined };
    const parsed = new JsonLinesParser(options).parse(Buffer.from(`{}\n${'x'.repeat(51)}`), false);
    expect(parsed).toMatchObject({ numRows: 1, usedBytes: 54 });
  });

  it('rejects a line that is not UTF-8', async () => {
    const bytes = Buffer.concat([
      Buffer.from('{"a":"é"}\n{"a":"'),
      Buffer.from([0xff]),
      Buffer.from('"}\n{"a":2}'),
    ]);
    const result = await read(bytes, ['a']);
    expect(cellsOf(result)).toEqual([['é'], [2]]);
    expect(result.rejected).toMatchObject([{ line: 2, raw: '{"a":"\ufffd"}' }]);
  });

  it('gives the same rows and lines wherever the bytes are cut', () =>
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('{"a":1}', '\n', '\r\n', 'x', '{"a":"手"}', ' ', '{"a":"a long text"}'), {
          maxLength: 30,
        }),
        cutsArbitrary,
        (parts, cuts) => {
          const read = (at: readonly number[]) =>
            parseCut(
              new JsonLinesParser({
                source: 'a',
                columns: ['a'],
                maxRowBytes: 12,
                onColumn: () => undefined,
              }),
              Buffer.from(parts.join('')),
              at,
            );
          expect(read(cuts)).toEqual(read([]));
        },
      ),
    ));
});
