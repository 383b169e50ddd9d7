import { groupMessages, type MessageColumns } from './group-messages.js';
import { readAll } from './sources.fixture.js';
import { SeenKeys } from './seen-keys.js';
import { cellBlock, type CellValue, type RejectedRow, type Source, type SourceBlock } from './source.js';

const HEADER = ['conversation', 'label', 'role', 'text', 'at'];
const COLUMNS: MessageColumns = { conversation: 'conversation', role: 'role', text: 'text', time: 'at' };

/** A text is a rejected row. */
type Row = CellValue[] | string;

function sourceOf(blocks: readonly (readonly Row[])[], header = HEADER): Source {
  async function* read(): AsyncGenerator<SourceBlock, void, undefined> {
    let line = 1;
    for (const [i, rows] of blocks.entries()) {
      const source = i < 2 ? 'a.csv' : 'b.csv';
      const block = cellBlock(source);
      for (const row of rows) {
        line++;
        if (typeof row === 'string') block.rejected.push(rejected(source, line, row));
        else block.rows.push({ source, line, cells: row });
      }
      yield await Promise.resolve(block);
    }
  }
  return { header, files: ['a.csv', 'b.csv'], blocks: read };
}

const rejected = (source: string, line: number, raw: string): RejectedRow => ({
  source,
  line,
  column: null,
  code: 'RECORD_INVALID',
  message: 'bad',
  raw,
});

describe('groupMessages', () => {
  it('takes the one value that a column has in a conversation, and rejects one that has two', async () => {
    const source = sourceOf([
      [
        ['c1', '', 'buyer', 'hi', 't1'],
        ['c1', 'scam', 'seller', 'pay here', 't2'],
        ['c1', null, 'buyer', 'no', 't3'],
        ['c2', 'fine', 'buyer', 'hi', 't4'],
        ['c2', 'scam', 'seller', 'pay here', 't5'],
      ],
    ]);
    const { rows, rejected: bad } = await readAll(groupMessages(source, COLUMNS));
    expect(rows.map(({ cells }) => cells.slice(0, 2))).toEqual([['c1', 'scam']]);
    expect(bad.map(({ line, column }) => [line, column])).toEqual([
      [5, 'label'],
      [6, 'label'],
    ]);
    expect(bad[0]?.message).toContain("'label' is 'fine' in a row of it and 'scam' in line 6");
  });

  it('makes one row of the rows of each conversation, over blocks and files', async () => {
    const source = sourceOf([
      [
        ['c1', 'ok', 'buyer', 'hi', 't1'],
        ['c1', 'ok', 'seller', 'hello', 't2'],
        ['c2', 'bad', 'buyer', 'pay here', 't3'],
      ],
      [['c2', '', 'buyer', null, null]],
      [
        ['c2', '', 'seller', 'no', 't4'],
        ['c3', 'ok', 'buyer', 'x', 't5'],
      ],
    ]);
    const read = await readAll(groupMessages(source, COLUMNS));
    expect(read).toEqual({
      header: ['conversation', 'label', 'messages'],
      rows: [
        {
          source: 'a.csv',
          line: 2,
          cells: [
            'c1',
            'ok',
            [
              { role: 'buyer', text: 'hi', at: 't1' },
              { role: 'seller', text: 'hello', at: 't2' },
            ],
          ],
        },
        {
          source: 'a.csv',
          line: 4,
          cells: [
            'c2',
            'bad',
            [
              { role: 'buyer', text: 'pay here', at: 't3' },
              { role: 'buyer', text: '', at: null },
              { role: 'seller', text: 'no', at: 't4' },
            ],
          ],
        },
        { source: 'b.csv', line: 7, cells: ['c3', 'ok', [{ role: 'buyer', text: 'x', at: 't5' }]] },
      ],
      rejected: [],
    });
  });

  it('refuses a conversation that comes again after another', async () => {
    const row = (id: string): Row => [id, '', 'buyer', 'x', ''];
    const source = sourceOf([[row('c1'), row('c2')], [row('c1')]]);
    await expect(readAll(groupMessages(source, COLUMNS))).rejects.toMatchObject({
      code: 'FILE_CORRUPT',
      message: expect.stringContaining("'c1' goes on in line 4") as string,
    });
  });

  it('leaves out a conversation of which a row was rejected, and no other; every row is counted', async () => {
    const row = (id: string, role = 'buyer', text = 'x'): Row => [id, '', role, text, ''];
    const source = sourceOf([
      ['bad 2', row('c1'), 'bad 4', row('c1'), row('c1'), row('c2'), 'bad 8', row('c3'), row('c3', ' ')],
      [row('c4'), row(''), row('c4'), row('c5', 'buyer', 'long text'), row('c5'), row('c6')],
    ]);
    const read = await readAll(groupMessages(source, { ...COLUMNS, maxChars: 12 }));
    expect(read.rows.map(({ cells }) => cells[0])).toEqual(['c2', 'c6']);
    expect(read.rejected.map(({ line }) => line)).toEqual([2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15]);
    const messages = new Map(read.rejected.map(({ line, message }) => [line, message]));
    expect(messages.get(3)).toBe("The conversation 'c1' is left out: a row of it, in line 4, was rejected.");
    expect(messages.get(9)).toContain('line 10 has no role');
    expect(messages.get(12)).toContain('id of the conversation is empty');
    expect(messages.get(15)).toContain('too long');
  });

  it('refuses a column that is not there', () => {
    expect(() => groupMessages(sourceOf([]), { ...COLUMNS, role: 'sender' })).toThrow(
      "lacks a column:\n  - 'sender'",
    );
  });
});

describe('SeenKeys', () => {
  it('knows which texts were added, also when it grew', () => {
    const seen = new SeenKeys();
    const keys = Array.from({ length: 5000 }, (_, i) => `key ${i}`);
    expect(keys.every((key) => seen.add(key))).toBe(true);
    expect(keys.some((key) => seen.add(key))).toBe(false);
    expect(seen.add('another')).toBe(true);
  });
});
