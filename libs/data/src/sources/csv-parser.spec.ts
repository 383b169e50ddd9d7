import { join } from 'node:path';
import { runReference, withReferences } from '@assay/testing';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { CsvParser } from './csv-parser.js';
import { rowBlocks } from './row-blocks.js';
import { DEFAULT_MAX_ROW_BYTES, type RejectedRow, type SourceRow } from './source.js';

interface Options {
  delimiter?: string;
  quote?: string | null;
  maxRowBytes?: number;
  /** Where the bytes are cut, from 0 to 1. */
  cuts?: readonly number[];
}

async function rowsOf(
  content: string | Buffer,
  { delimiter = ',', quote = '"', maxRowBytes = DEFAULT_MAX_ROW_BYTES, cuts = [] }: Options = {},
): Promise<{ header: readonly string[]; rows: SourceRow[]; rejected: RejectedRow[] }> {
  const read = { header: [] as readonly string[], rows: [] as SourceRow[], rejected: [] as RejectedRow[] };
  const parser = new CsvParser({
    source: 'x.csv',
    delimiter: delimiter.charCodeAt(0),
    quote: quote === null ? null : quote.charCodeAt(0),
    maxRowBytes,
    onHeader: (header) => {
      read.header = header;
      return header.map((_, i) => i);
    },
  });
  const bytes = Buffer.from(content);
  const blockBytes = cuts.length > 0 ? 1 : undefined;
  for await (const block of rowBlocks(pieces(bytes, cuts), parser, { source: 'x.csv', blockBytes })) {
    read.rows.push(...block.rows);
    read.rejected.push(...block.rejected);
  }
  return read;
}

/** Every piece is overwritten when the next is asked for, as a chunk may be. */
async function* pieces(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  const ends = [...cuts.map((cut) => Math.floor(cut * bytes.length)).sort((a, b) => a - b), bytes.length];
  let start = 0;
  for (const end of ends) {
    const piece = Buffer.from(bytes.subarray(start, end));
    yield await Promise.resolve(piece);
    piece.fill('"');
    start = end;
  }
}

const cells = async (content: string | Buffer, options?: Options) =>
  (await rowsOf(content, options)).rows.map((row) => row.cells);
const lines = async (content: string, options?: Options) =>
  (await rowsOf(content, options)).rows.map(({ line }) => line);

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
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 6 });

describe('CsvParser', () => {
  it('reads back any cells that were written, wherever the bytes are cut', () =>
    fc.assert(
      fc.asyncProperty(table, style, cuts, async ([header = [], ...rows], how, at) => {
        const text = written([header, ...rows], how);
        const start = header[0]?.startsWith('\ufeff') === true && !text.startsWith('"') ? '\ufeff' : '';
        const read = await rowsOf(start + text, { delimiter: how.delimiter, cuts: at });
        expect(read.header).toEqual(header);
        expect(read.rows.map((row) => row.cells)).toEqual(rows);
        expect(read.rejected).toEqual([]);
      }),
      { numRuns: 300 },
    ));

  it('gives the same rows, rejections and lines wherever the bytes are cut', () =>
    fc.assert(
      fc.asyncProperty(fc.array(nasty, { maxLength: 60 }), cuts, async (parts, at) => {
        const text = `a,b\n${parts.join('')}`;
        const whole = await rowsOf(text, { maxRowBytes: 12 }).catch((error: unknown) => error);
        const cut = await rowsOf(text, { maxRowBytes: 12, cuts: at }).catch((error: unknown) => error);
        expect(cut).toEqual(whole);
      }),
      { numRuns: 500 },
    ));

  it('agrees with csv-parse on which rows there are, and on their cells, for any text', () =>
    fc.assert(
      fc.asyncProperty(fc.array(nasty, { maxLength: 40 }), async (parts) => {
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
        const ours = await rowsOf(text).catch(() => null);
        const isValid = ours?.rejected.every(({ message }) => message.includes('cells')) === true;
        expect(isValid).toBe(theirs !== 'invalid');
        if (theirs === 'invalid' || ours === null) return;
        expect(ours.rows.map((row) => row.cells)).toEqual(theirs.slice(1).filter((row) => row.length === 1));
        expect(ours.rejected).toHaveLength(theirs.slice(1).filter((row) => row.length !== 1).length);
      }),
      { numRuns: 1000 },
    ));

  it('gives the line on which each row starts, also after line breaks within quotes', async () => {
    expect(await lines('a,b\n1,"x\ny ""z"""\n\n2,w\n')).toEqual([2, 5]);
    expect(await lines('a,b\r\n1,"x\r\ny"\r\n\r\n2,"v\r\nw\nz"\r\n3,u\r\n')).toEqual([2, 5, 8]);
    expect(await lines('a,b\r1,"x\ry"\r\r2,w')).toEqual([2, 5]);
  });

  it('drops a byte order mark at the start and keeps others', async () => {
    const { header, rows } = await rowsOf('\ufeffa,b\r\n\ufeff1,2\r\n', { cuts: [0.01, 0.1] });
    expect(header).toEqual(['a', 'b']);
    expect(rows[0]?.cells).toEqual(['\ufeff1', '2']);
  });

  it('takes another delimiter and another quote, or none', async () => {
    expect(await cells('a\tb\n\'x\ty\'\t"z"\n', { delimiter: '\t', quote: "'" })).toEqual([['x\ty', '"z"']]);
    expect(await cells('a,b\n5" wide,"x\n', { quote: null })).toEqual([['5" wide', '"x']]);
  });

  it('gives long and short cells, of any characters, whole', async () => {
    const row = ['é', 'x'.repeat(12), 'x'.repeat(13), `${'y'.repeat(500)}手`, '']; // 12 is the longest copied one
    expect(await cells(`a,b,c,d,e\n${row.join(',')}\n`)).toEqual([row]);
  });

  it.each([
    ['too few cells', '1,2', 'The row has 2 cells; the header has 3.', null],
    ['too many cells', '1,2,3,4', 'The row has 4 cells; the header has 3.', null],
    ['a quote in a plain cell', '1,5" wide,3', 'A quote is within a cell', 'b'],
    ['text after a quoted cell', '1,2,"x" y', 'Text follows the closing quote', 'c'],
    ['a NUL byte', '1,x\0y,3', 'NUL', 'b'],
  ])('rejects a row with %s and goes on', async (_, bad, message, column) => {
    const { rows, rejected } = await rowsOf(`a,b,c\n1,"x\ny",3\n${bad}\n7,8,9\n`);
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

  it('rejects a row that is not UTF-8, with its text as far as it goes', async () => {
    const bytes = Buffer.concat([
      Buffer.from('a,b\nü,1\nx,caf'),
      Buffer.from([0xe9]),
      Buffer.from('\ny,2\n'),
    ]);
    const { rows, rejected } = await rowsOf(bytes);
    expect(rows.map((row) => row.cells)).toEqual([
      ['ü', '1'],
      ['y', '2'],
    ]);
    expect(rejected).toMatchObject([
      { line: 3, column: 'b', raw: 'x,caf\ufffd', message: 'The row is not valid UTF-8.' },
    ]);
  });

  it('rejects a row that is too long, quoted or not, and goes on after it', async () => {
    const long = `${'x'.repeat(30)}\n${'y'.repeat(30)}`;
    const text = `a,b\n1,2\n3,"${long}"\n5,${'z'.repeat(40)}\n7,8\n`;
    for (const at of [[], [0.3], [0.3, 0.5, 0.7, 0.9]]) {
      const { rows, rejected } = await rowsOf(text, { maxRowBytes: 20, cuts: at });
      expect(rows.map(({ line }) => line)).toEqual([2, 6]);
      expect(rejected.map(({ line, raw }) => [line, raw])).toEqual([
        [3, `3,"${'x'.repeat(17)}…`],
        [5, `5,${'z'.repeat(18)}…`],
      ]);
    }
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
  ])('refuses %s', async (_, content, part) => {
    await expect(rowsOf(content)).rejects.toMatchObject({
      code: 'FILE_CORRUPT',
      message: expect.stringContaining(part) as string,
    });
  });

  (withReferences ? describe : describe.skip)('beside csv of Python', () => {
    const script = (name: string): string => join(__dirname, '../../scripts', name);
    const NASTY =
      '\ufeffid,"a ""quoted"" name",text\r\n1,"line 1\nline 2\r\nline 3\rline 4",x\n2,"",\r"3","""","a,b;c\t"\n\n' +
      '4,  é,手🎁\r\n5,\u2028,"\u0085 \u00a0"';

    it('reads a nasty file alike', async () => {
      const [header, ...rows] = (
        runReference(script('read-csv.py'), { input: Buffer.from(NASTY) }) as [number, string[]][]
      ).filter(([, row]) => row.length > 0);
      const read = await rowsOf(NASTY);
      expect(read.rejected).toEqual([]);
      expect(read.header).toEqual(header?.[1]);
      expect(read.rows.map((row) => row.cells)).toEqual(rows.map(([, row]) => row));
    });

    it('reads what it writes', async () => {
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
        expect(await cells(text, { delimiter, cuts: [0.1, 0.5] })).toEqual(all);
      }
    });
  });
});
