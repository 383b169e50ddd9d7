import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { runReference, withReferences } from '@assay/testing';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { CsvParser } from './csv-parser.js';
import { rowBlocks } from './row-blocks.js';
import { DEFAULT_MAX_ROW_BYTES } from './source.js';
import { cellsOf, cutsArbitrary, linesOf, parseCut, type ReadRows } from './sources.fixture.js';

interface Options {
  delimiter?: string;
  quote?: string | null;
  maxRowBytes?: number;
  /** Positions at which the bytes are cut. */
  cuts?: readonly number[];
}

function rowsOf(
  content: string | Buffer,
  { delimiter = ',', quote = '"', maxRowBytes = DEFAULT_MAX_ROW_BYTES, cuts = [] }: Options = {},
): ReadRows {
  let found: readonly string[] = [];
  const parser = new CsvParser({
    source: 'x.csv',
    delimiter: delimiter.charCodeAt(0),
    quote: quote === null ? null : quote.charCodeAt(0),
    maxRowBytes,
    onHeader: (header) => {
      found = header;
      return header.map((_, i) => i);
    },
  });
  const read = parseCut(parser, Buffer.from(content), cuts);
  return { header: found, ...read };
}

/** What a function gives, or the error that it throws. */
function outcome<T>(run: () => T): T | Error {
  try {
    return run();
  } catch (error) {
    return error as Error; // only errors are thrown here
  }
}

const cells = (content: string | Buffer, options?: Options) => cellsOf(rowsOf(content, options));
const lines = (content: string, options?: Options) => linesOf(rowsOf(content, options));

/** An independent writer, which quotes only what must be quoted, and now and then what need not be. */
function written(rows: readonly (readonly string[])[], { delimiter, lineEnd, quoteAll }: Written): string {
  const quoted = (cell: string): string =>
    quoteAll || cell === '' || ['"', '\r', '\n', delimiter].some((each) => cell.includes(each))
      ? `"${cell.split('"').join('""')}"`
      : cell;
  return rows.map((row) => row.map(quoted).join(delimiter) + lineEnd).join('');
}

interface Written {
  delimiter: string;
  lineEnd: string;
  quoteAll: boolean;
}

const nasty = fc.constantFrom(
  '"',
  '""',
  ',',
  ';',
  '\n',
  '\r\n',
  '\r',
  ' ',
  'a',
  'é',
  '手',
  '🎁',
  '\ufeff',
  '\t',
  '',
);
const cell = fc.oneof(
  fc.array(nasty, { maxLength: 6 }).map((parts) => parts.join('')),
  fc
    .string({ unit: 'grapheme', maxLength: 20 })
    .filter((text) => !text.includes('\0') && !/\p{Surrogate}/u.test(text)),
);
const piece = fc.constantFrom('1,2\n', '"a\r\nlong ""cell""\r\n"', ',2\r\n', 'a long plain cell');
const table = fc
  .integer({ min: 1, max: 4 })
  .chain((width) =>
    fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 }),
  );
const style: fc.Arbitrary<Written> = fc.record({
  delimiter: fc.constantFrom(',', ';', '\t', '|'),
  lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
  quoteAll: fc.boolean(),
});
describe('CsvParser', () => {
  it('reads back any cells that were written, wherever the bytes are cut', () =>
    fc.assert(
      fc.property(table, style, cutsArbitrary, ([header = [], ...rows], how, at) => {
        const text = written([header, ...rows], how);
        const start = header[0]?.startsWith('\ufeff') === true && !text.startsWith('"') ? '\ufeff' : '';
        const read = rowsOf(start + text, { delimiter: how.delimiter, cuts: at });
        expect(read.header).toEqual(header);
        expect(read.rows.map((row) => row.cells)).toEqual(rows);
        expect(read.rejected).toEqual([]);
      }),
      { numRuns: 300 },
    ));

  it('gives the same rows, rejections and lines wherever the bytes are cut', () =>
    fc.assert(
      fc.property(fc.array(fc.oneof(nasty, piece), { maxLength: 60 }), cutsArbitrary, (parts, at) => {
        const text = `a,b\n${parts.join('')}`;
        const whole = outcome(() => rowsOf(text, { maxRowBytes: 12 }));
        const cut = outcome(() => rowsOf(text, { maxRowBytes: 12, cuts: at }));
        expect(cut).toEqual(whole);
      }),
      { numRuns: 500 },
    ));

  it('agrees with csv-parse on which rows there are, and on their cells, for any text', () =>
    fc.assert(
      fc.property(fc.array(nasty, { maxLength: 40 }), (parts) => {
        const text = `x\n${parts.join('')}`;
        const options = {
          record_delimiter: ['\r\n', '\n', '\r'],
          skip_empty_lines: true,
          relax_column_count: true,
        };
        let theirs: string[][] | 'invalid';
        try {
          theirs = parse(text, options);
        } catch {
          theirs = 'invalid';
        }
        const ours = outcome(() => rowsOf(text));
        const isValid =
          !(ours instanceof Error) && ours.rejected.every(({ message }) => message.includes('cells'));
        expect(isValid).toBe(theirs !== 'invalid');
        if (theirs === 'invalid' || ours instanceof Error) return;
        expect(ours.rows.map((row) => row.cells)).toEqual(theirs.slice(1).filter((row) => row.length === 1));
        expect(ours.rejected).toHaveLength(theirs.slice(1).filter((row) => row.length !== 1).length);
      }),
      { numRuns: 1000 },
    ));

  it('gives the line on which each row starts, also after line breaks within quotes', () => {
    expect(lines('a,b\n1,"x\ny ""z"""\n\n2,w\n')).toEqual([2, 5]);
    expect(lines('a,b\r\n1,"x\r\ny"\r\n\r\n2,"v\r\nw\nz"\r\n3,u\r\n')).toEqual([2, 5, 8]);
    expect(lines('a,b\r1,"x\ry"\r\r2,w')).toEqual([2, 5]);
  });

  it('drops a byte order mark at the start and keeps others', () => {
    const { header, rows } = rowsOf('\ufeffa,b\r\n\ufeff1,2\r\n', { cuts: [1, 2, 4] });
    expect(header).toEqual(['a', 'b']);
    expect(rows[0]?.cells).toEqual(['\ufeff1', '2']);
  });

  it('takes another delimiter and another quote, or none', () => {
    expect(cells('a\tb\n\'x\ty\'\t"z"\n', { delimiter: '\t', quote: "'" })).toEqual([['x\ty', '"z"']]);
    expect(cells('a,b\n5" wide,"x\n', { quote: null })).toEqual([['5" wide', '"x']]);
  });

  it('gives long and short cells, of any characters, whole', () => {
    const row = ['é', 'x'.repeat(12), 'x'.repeat(13), `${'y'.repeat(500)}手`, '']; // 12 is the longest copied one
    expect(cells(`a,b,c,d,e\n${row.join(',')}\n`)).toEqual([row]);
  });

  it.each([
    ['too few cells', '1,2', 'The row has 2 cells; the header has 3.', null],
    ['too many cells', '1,2,3,4', 'The row has 4 cells; the header has 3.', null],
    ['a quote in a plain cell', '1,5" wide,3', 'A quote is within a cell', 'b'],
    ['text after a quoted cell', '1,2,"x" y', 'Text follows the closing quote', 'c'],
    ['a NUL byte', '1,x\0y,3', 'NUL', 'b'],
  ])('rejects a row with %s and goes on', (_, bad, message, column) => {
    const { rows, rejected } = rowsOf(`a,b,c\n1,"x\ny",3\n${bad}\n7,8,9\n`);
    expect(rows.map(({ line }) => line)).toEqual([2, 5]);
    expect(rejected).toEqual([
      {
        source: 'x.csv',
        line: 4,
        column,
        code: 'RECORD_INVALID',
        message: expect.stringContaining(message) as string,
        raw: bad,
      },
    ]);
  });

  it('rejects a row that is not UTF-8, with its text as far as it goes', () => {
    const bytes = Buffer.concat([
      Buffer.from('a,b\nü,1\nx,caf'),
      Buffer.from([0xe9]),
      Buffer.from('\ny,2\n'),
    ]);
    const { rows, rejected } = rowsOf(bytes);
    expect(rows.map((row) => row.cells)).toEqual([
      ['ü', '1'],
      ['y', '2'],
    ]);
    expect(rejected).toMatchObject([
      { line: 3, column: 'b', raw: 'x,caf\ufffd', message: 'The row is not valid UTF-8.' },
    ]);
  });

  it('rejects a row that is too long, quoted or not, and goes on after it', () => {
    const long = `${'x'.repeat(30)}\n${'y'.repeat(30)}`;
    const text = `a,b\n1,2\n3,"${long}"\n5,${'z'.repeat(40)}\n7,8\n`;
    for (const at of [[], [40], [40, 60, 80, 110]]) {
      const { rows, rejected } = rowsOf(text, { maxRowBytes: 20, cuts: at });
      expect(rows.map(({ line }) => line)).toEqual([2, 6]);
      expect(rejected.map(({ line, raw }) => [line, raw])).toEqual([
        [3, `3,"${'x'.repeat(17)}…`],
        [5, `5,${'z'.repeat(18)}…`],
      ]);
    }
  });

  it('gives cells that do not keep their block alive', () => {
    const [setFlags, collect] = [setFlagsFromString, () => runInNewContext('gc') as () => void]; // only so flagged
    setFlags('--expose-gc');
    const gc = collect();
    const block = Buffer.from(
      `a,b\n${`the id of a row ${'x'.repeat(10)},${'y'.repeat(400)}\n`.repeat(1200)}`,
    );
    gc();
    const before = process.memoryUsage().heapUsed;
    const kept = Array.from({ length: 40 }, () => cells(block)[7]?.[0]);
    gc();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(block.length * 10);
    expect(kept).toHaveLength(40);
  });

  it('takes a row of just the allowed length when the bytes are cut within its CRLF', () => {
    expect(cells('a,b\n1,234\r\n', { maxRowBytes: 5, cuts: [10] })).toEqual([['1', '234']]);
  });

  it('holds little of a quote that is never closed, and names its line', async () => {
    const start = Buffer.from('a,b\n1,"x\ny","z\n');
    const more = Buffer.alloc(2 ** 20, 'n\n');
    let pulled = 0;
    async function* endless(): AsyncGenerator<Buffer> {
      yield start;
      for (; pulled < 64; pulled++) yield await Promise.resolve(more);
    }
    const parser = new CsvParser({
      source: 'x.csv',
      delimiter: 44,
      quote: 34,
      maxRowBytes: 2 ** 21,
      onHeader: () => [0],
    });
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    const read = async (): Promise<void> => {
      for await (const _ of rowBlocks(endless(), parser, { source: 'x.csv' }))
        most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    };
    await expect(read()).rejects.toMatchObject({
      code: 'FILE_CORRUPT',
      message: expect.stringContaining('line 3') as string,
    });
    expect(pulled).toBe(64);
    expect(most).toBeLessThan(2 ** 24); // of 64 MiB
  });

  it.each([
    ['a quote that is not closed', 'a,b\n1,2\n3,"x\n4,5\n', 'line 3'],
    ['a header with a quote in a plain cell', 'a"b\n1\n', 'header'],
    ['a header that is not UTF-8', Buffer.from([0x61, 0xe9, 0x0a]), 'header'],
  ])('refuses %s', (_, content, part) => {
    expect(outcome(() => rowsOf(content))).toMatchObject({
      code: 'FILE_CORRUPT',
      message: expect.stringContaining(part) as string,
    });
  });

  (withReferences ? describe : describe.skip)('beside csv of Python', () => {
    const script = (name: string): string => join(__dirname, '../../scripts', name);
    const NASTY =
      '\ufeffid,"a ""quoted"" name",text\r\n1,"line 1\nline 2\r\nline 3\rline 4",x\n2,"",\r"3","""","a,b;c\t"\n\n' +
      '4,  é,手🎁\r\n5,\u2028,"\u0085 \u00a0"';

    it('reads a nasty file alike', () => {
      const [header, ...rows] = (
        runReference(script('read-csv.py'), { input: Buffer.from(NASTY) }) as [number, string[]][]
      ).filter(([, row]) => row.length > 0);
      const read = rowsOf(NASTY);
      expect(read.rejected).toEqual([]);
      expect(read.header).toEqual(header?.[1]);
      expect(read.rows.map((row) => row.cells)).toEqual(rows.map(([, row]) => row));
    });

    it('reads what it writes', () => {
      const rows = fc
        .sample(table, { seed: 3, numRuns: 200 })
        .map((each) => each.map((row) => [...row, 'end', 'x']));
      for (const [delimiter, lineEnd] of [
        [',', '\r\n'],
        ['\t', '\r\n'],
      ]) {
        const all = rows.flat().filter((row) => row.length === 4);
        const text = runReference(script('write-csv.py'), {
          input: JSON.stringify({ rows: [['a', 'b', 'c', 'd'], ...all], delimiter, lineEnd }),
        }) as string;
        expect(cells(text, { delimiter, cuts: [1000, 5000] })).toEqual(all);
      }
    });
  });
});
