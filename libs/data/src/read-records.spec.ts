import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parseConfig, type DataConfig } from '@assay/config';
import { withTempDir } from '@assay/testing';
import { pack } from 'tar-stream';
import { withDuckDb } from './duckdb.js';
import { findSourceFiles, readRecords, type ReadRow, type Rejection } from './read-records.js';
import type { SourceRecord } from './source-record.js';

const dataConfig = (overrides: readonly string[]): DataConfig =>
  parseConfig(
    `
schemaVersion: 1
name: tiny
description: For tests.
data:
  root: .
  source: { path: rows.csv }
  columns: { id: id, text: { title: title } }
  labels: { kind: multi-label, policies: [{ name: bad, column: bad }] }
  split: { strategy: group }
model: { text: {} }
preprocess: { text: { fields: [title] } }
`,
    { overrides: [...overrides] },
  ).data;

type Files = Readonly<Record<string, string | Uint8Array>>;
interface Read {
  records: SourceRecord[];
  rejections: Rejection[];
  origins: string[];
}

const read = (files: Files, ...overrides: string[]): Promise<Read> =>
  withTempDir(async (dir) => {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(dir, name)), { recursive: true });
      writeFileSync(join(dir, name), content);
    }
    return readAll(dataConfig(overrides), dir);
  });

async function readAll(data: DataConfig, dir: string): Promise<Read> {
  const rows: ReadRow[] = [];
  for await (const row of readRecords(data, dir)) rows.push(row);
  return {
    records: rows.flatMap((row) => (row.kind === 'record' ? row.record : [])),
    rejections: rows.flatMap((row) => (row.kind === 'rejected' ? row.rejection : [])),
    origins: rows.map((row) =>
      row.kind === 'record'
        ? `${row.origin.source}:${row.origin.line}`
        : `${row.rejection.source}:${row.rejection.line}!`,
    ),
  };
}

const asTar = (members: Files): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    const archive = pack();
    const chunks: Buffer[] = [];
    archive.on('data', (chunk) => chunks.push(chunk as Buffer)); // without encoding
    archive.on('end', () => resolve(Buffer.concat(chunks)));
    archive.on('error', reject);
    for (const [name, content] of Object.entries(members)) archive.entry({ name }, Buffer.from(content));
    archive.finalize();
  });

const TYPED = ['data.columns.numeric=[price]', 'data.columns.time=at', 'data.columns.images.column=photos'];

describe('readRecords', () => {
  it('reads several files in the order of their paths, and gives good and bad rows in the order of the lines', async () => {
    const { origins, rejections } = await read(
      {
        'b.csv.gz': gzipSync('id,title,bad\n3,x,1\n'),
        'a.csv': 'id,title,bad\n1,x,1\n,y,0\n2,z,perhaps\n4,only\n5,w,0\n',
      },
      'data.source.path=["*.csv", "*.csv.gz"]',
    );
    expect(origins).toEqual(['a.csv:2', 'a.csv:3!', 'a.csv:4!', 'a.csv:5!', 'a.csv:6', 'b.csv.gz:2']);
    expect(rejections.map(({ column, code, raw }) => [column, code, raw])).toEqual([
      ['id', 'RECORD_INVALID', ',y,0'],
      ['bad', 'LABEL_UNKNOWN', '2,z,perhaps'],
      [null, 'RECORD_INVALID', '4,only'],
    ]);
  });

  it('reads the same record from CSV, JSON Lines and Parquet', () =>
    withTempDir(async (dir) => {
      writeFileSync(
        join(dir, 'rows.csv'),
        'id,title,bad,price,at,photos\n7,"a ""b"" é",true,2.5,2024-05-31T18:00:00Z,x.png|y/z.png\n8,,,,,\n',
      );
      const line = {
        id: 7,
        title: 'a "b" é',
        bad: true,
        price: 2.5,
        at: '2024-05-31T18:00:00Z',
        photos: ['x.png', 'y/z.png'],
      };
      writeFileSync(join(dir, 'rows.jsonl'), `${JSON.stringify(line)}\n{"id":8}\n`);
      await withDuckDb((query) =>
        query(`COPY (
          SELECT 7 AS id, 'a "b" é' AS title, true AS bad, 2.5::DECIMAL(5,2) AS price,
            TIMESTAMPTZ '2024-05-31 18:00:00+00' AS at, ['x.png', 'y/z.png'] AS photos
          UNION ALL SELECT 8, NULL, NULL, NULL, NULL, NULL) TO '${join(dir, 'rows.parquet')}'`),
      );
      const [csv, ...others] = await Promise.all(
        ['rows.csv', 'rows.jsonl', 'rows.parquet'].map((path) =>
          readAll(dataConfig([`data.source.path=${path}`, ...TYPED]), dir),
        ),
      );
      expect(csv?.rejections).toEqual([]);
      expect(csv?.records).toMatchObject([
        {
          id: '7',
          text: { title: 'a "b" é' },
          numeric: { price: 2.5 },
          timeMs: Date.UTC(2024, 4, 31, 18),
          images: ['x.png', 'y/z.png'],
          labels: [1],
        },
        { id: '8', text: { title: '' }, numeric: { price: null }, timeMs: null, images: [], labels: [null] },
      ]);
      for (const { records, rejections } of others) {
        expect(rejections).toEqual([]);
        expect(records).toEqual(csv?.records);
      }
    }));

  it('takes images from several columns, as lists or text', async () => {
    const { records } = await read(
      { 'rows.jsonl': '{"id":"a","title":"","bad":0,"front":"1.png","others":["2.png"," ","3.png"]}' },
      'data.source.path=rows.jsonl',
      'data.columns.images={column: [front, others], directory: photos}',
    );
    expect(records[0]?.images).toEqual(['photos/1.png', 'photos/2.png', 'photos/3.png']);
  });

  it('takes images whose names hold the id of their record', async () => {
    const { records } = await read(
      {
        'rows.csv': 'id,title,bad\na,,1\na-1,,1\nb,,1\n',
        'photos/a-1.png': '',
        'photos/a-0.png': '',
        'photos/a-1-0.png': '',
        'photos/other.txt': '',
      },
      'data.columns.images={pattern: "{id}-?.png", directory: photos}',
    );
    expect(records.map(({ images }) => images)).toEqual([
      ['photos/a-0.png', 'photos/a-1.png'],
      ['photos/a-1-0.png'],
      [],
    ]);
  });

  it('reads samples of a tar archive, with references to their images', async () => {
    const { records, origins } = await read(
      {
        'rows.tar': await asTar({
          '0/7.json': '{"id":"seven","title":"x","bad":1}',
          '0/7.jpg': 'JPEG',
          '0/7.back.png': 'PNG',
        }),
      },
      'data.source.path=rows.tar',
      'data.columns={id: json.id, text: {title: json.title}, images: {column: __images__}}',
      'data.labels.policies=[{name: bad, column: json.bad}]',
    );
    expect(records).toMatchObject([
      {
        id: 'seven',
        text: { title: 'x' },
        labels: [1],
        images: ['rows.tar#0/7.jpg', 'rows.tar#0/7.back.png'],
      },
    ]);
    expect(origins).toEqual(['rows.tar:1']);
  });

  it('reads the files that were found before, whatever came since', () =>
    withTempDir(async (dir) => {
      const data = dataConfig(['data.source.path="*.csv"', 'data.columns.images={pattern: "{id}*.jpg"}']);
      writeFileSync(join(dir, 'b.csv'), 'id,title,bad\n1,x,1\n');
      writeFileSync(join(dir, '1.jpg'), '');
      const found = await findSourceFiles(data, dir);
      writeFileSync(join(dir, 'a.csv'), 'id,title,bad\n2,y,1\n');
      writeFileSync(join(dir, '1b.jpg'), '');
      const rows: ReadRow[] = [];
      for await (const row of readRecords(data, dir, found)) rows.push(row);
      expect(rows).toMatchObject([{ record: { id: '1', images: ['1.jpg'] }, origin: { source: 'b.csv' } }]);
    }));

  it('makes lines of a list of texts, and refuses a list where one value is expected', async () => {
    const { records, rejections } = await read(
      {
        'rows.jsonl':
          '{"id":"a","title":["one","two"],"bad":0}\n{"id":"b","title":{"en":"x"},"bad":0}\n{"id":["c"],"title":"","bad":0}\n',
      },
      'data.source.path=rows.jsonl',
    );
    expect(records.map(({ text }) => text)).toEqual([{ title: 'one\ntwo' }]);
    expect(rejections.map(({ column, message }) => [column, message])).toEqual([
      ['title', 'It is a struct; expected one value.'],
      ['id', 'It is a list; expected one value.'],
    ]);
  });

  it('rejects NUL characters in Parquet', () =>
    withTempDir(async (dir) => {
      await withDuckDb((query) =>
        query(`COPY (SELECT 'a' AS id, 'x' || chr(0) AS title, 1 AS bad) TO '${join(dir, 'rows.parquet')}'`),
      );
      const { rejections } = await readAll(dataConfig(['data.source.path=rows.parquet']), dir);
      expect(rejections).toMatchObject([{ column: 'title', raw: JSON.stringify(['a', 'x\0', 1]) }]);
    }));

  it.each([
    ['rows.csv', 'id,titel,bad\n1,x,1\n', "did you mean 'titel'?"],
    ['rows.jsonl', '{"id":"1","titel":"x","bad":1}\n', "'title' (data.columns.text.title)"],
  ])('names a column that %s lacks with the key that wants it', async (name, content, message) => {
    await expect(read({ [name]: content }, `data.source.path=${name}`)).rejects.toMatchObject({
      code: 'COLUMN_MISSING',
      details: { missing: ['title'] },
      message: expect.stringContaining(message) as string,
    });
  });
});

describe('readRecords, conversations', () => {
  const messages = (list: unknown): string =>
    `${JSON.stringify({ id: 'c', title: '', bad: 1, talk: list })}\n`;
  const LIST = ['data.source.path=rows.jsonl', 'data.columns.messages={layout: list, column: talk}'];
  const ROWS = [
    'data.columns={id: talk, messages: {layout: rows, conversation: talk, role: who, text: says, time: at}}',
    'preprocess.text.fields=[messages]',
  ];

  it('takes a list of messages, as text lines and as they are, with the time of the last', async () => {
    const { records } = await read(
      {
        'rows.jsonl': messages([
          { role: 'buyer', text: 'Hi\n there', at: '2024-01-01T00:00:00Z' },
          { role: 'seller', text: 'No: never', at: '2024-01-01T00:00:05Z' },
          { role: 'buyer', text: '' },
        ]),
      },
      ...LIST,
    );
    expect(records).toMatchObject([
      {
        text: { title: '', messages: 'buyer: Hi there\nseller: No: never\nbuyer: ' },
        timeMs: Date.UTC(2024, 0, 1, 0, 0, 5),
        messages: [
          { role: 'buyer', text: 'Hi\n there', timeMs: Date.UTC(2024, 0, 1) },
          { role: 'seller', text: 'No: never', timeMs: Date.UTC(2024, 0, 1, 0, 0, 5) },
          { role: 'buyer', text: '', timeMs: null },
        ],
      },
    ]);
  });

  it('makes one record of the rows of a conversation, the same as from a list', async () => {
    const rows =
      'talk,who,says,at,bad\nc,buyer,Hi,2024-01-01,1\nc,seller,"No, never",2024-01-02,1\nd,buyer,,,0\n';
    const { records, origins } = await read({ 'rows.csv': rows }, ...ROWS);
    expect(origins).toEqual(['rows.csv:2', 'rows.csv:4']);
    expect(records).toMatchObject([
      {
        id: 'c',
        text: { messages: 'buyer: Hi\nseller: No, never' },
        timeMs: Date.UTC(2024, 0, 2),
        labels: [1],
      },
      { id: 'd', text: { messages: 'buyer: ' }, timeMs: null, labels: [0] },
    ]);
  });

  it.each<[string, unknown, string]>([
    ['no list', { role: 'buyer' }, 'no list of messages'],
    ['a message without a role', [{ text: 'x' }], 'Message 1 has no role'],
    ['a message without a text', [{ role: 'a', text: 'x' }, { role: 'a' }], 'Message 2 has no text'],
    [
      'messages out of order',
      [
        { role: 'a', text: 'x', at: '2024-01-02' },
        { role: 'a', text: 'x', at: '2024-01-01' },
      ],
      'Message 2 is older than one before it',
    ],
    ['text that is no JSON', 'hello', 'is not JSON'],
    ['half a surrogate pair', '[{"role": "a", "text": "half \\ud83d of it"}]', 'half a surrogate pair'],
    ['half a surrogate pair in a role', '[{"role": "\\udc00", "text": "x"}]', 'half a surrogate pair'],
  ])('rejects %s', async (_, list, message) => {
    const { rejections } = await read({ 'rows.jsonl': messages(list) }, ...LIST);
    expect(rejections).toMatchObject([
      { column: 'talk', message: expect.stringContaining(message) as string },
    ]);
  });

  it('refuses to read a column of messages as another', async () => {
    await expect(
      read({ 'rows.csv': 'talk,who,says,at,bad\n' }, ...ROWS, 'data.columns.time=at'),
    ).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining("'at' differs from message to message") as string,
    });
  });
});
