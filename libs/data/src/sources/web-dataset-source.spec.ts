import { pack } from 'tar-stream';
import { cellsOf, readFiles } from './sources.fixture.js';

async function tarOf(members: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const archive = pack();
  for (const [name, content] of Object.entries(members)) archive.entry({ name }, content);
  archive.finalize();
  const parts: Buffer[] = [];
  for await (const part of archive) parts.push(part as Buffer); // without an encoding they are buffers
  return Buffer.concat(parts);
}

describe('WebDataset', () => {
  it('makes a row of the members of each sample, with references to its images', async () => {
    const bytes = await tarOf({
      'in/b.json': '{"title":"Bé","tags":[{"t":1},{"t":2}]}',
      'in/b.jpg': 'J',
      'in/b.left.png': 'P',
      'in/b.cls': '3\n',
      'in/a.jpg': 'K',
      'in/a.txt': 'text',
      README: 'of no sample',
      'in/a.npy': 'N',
    });
    const read = await readFiles({ 'x.tar': bytes });
    expect(read.header).toEqual(['__key__', '__images__', 'cls', 'jpg', 'json', 'left.png', 'npy', 'txt']);
    expect(read.rows).toEqual([
      {
        source: 'x.tar',
        line: 1,
        cells: [
          'in/b',
          ['x.tar#in/b.jpg', 'x.tar#in/b.left.png'],
          '3',
          'x.tar#in/b.jpg',
          { title: 'Bé', tags: [{ t: 1 }, { t: 2 }] },
          'x.tar#in/b.left.png',
          null,
          null,
        ],
      },
      {
        source: 'x.tar',
        line: 2,
        cells: ['in/a', ['x.tar#in/a.jpg'], null, 'x.tar#in/a.jpg', null, null, 'x.tar#in/a.npy', 'text'],
      },
    ]);
  });

  it('reads a wanted member as text whatever its ending, but for the image columns', async () => {
    const files = {
      'x.tar': await tarOf({ '0.caption': 'Wool', '0.md': '# Scarf', '0.photo': 'J', '0.jpg': 'J' }),
    };
    const columns = ['caption', 'md', 'photo', 'jpg'];
    const read = await readFiles(files, { columns, imageColumns: ['photo', 'jpg'], maxRowBytes: 6 });
    expect(read.rejected).toMatchObject([{ column: 'md', message: '0: 0.md has more than 6 bytes.' }]);
    expect(cellsOf(await readFiles(files, { columns, imageColumns: ['photo', 'jpg'] }))).toEqual([
      ['Wool', '# Scarf', 'x.tar#0.photo', 'x.tar#0.jpg'],
    ]);
  });

  it('refuses a part of JSON members that none has', async () => {
    const files = { '1.tar': await tarOf({ '0.json': '{"seller":{"id":1}}' }) };
    await expect(readFiles(files, { columns: ['json.seller.id', 'json.sellr'] })).rejects.toMatchObject({
      code: 'COLUMN_MISSING',
      details: { missing: ['json.sellr'] },
    });
  });

  it('gives parts of JSON members over several archives', async () => {
    const files = {
      '1.tar': await tarOf({ '0.json': '{"a":{"b":"x"}}' }),
      '2.tar': await tarOf({ '0.json': '{"a":7}', '0.jpg': '' }),
    };
    const read = await readFiles(files, { columns: ['json.a.b', '__key__', 'json.a', 'jpg'] });
    expect(cellsOf(read)).toEqual([
      ['x', '0', { b: 'x' }, null],
      [null, '0', 7, '2.tar#0.jpg'],
    ]);
  });

  it.each([
    ['JSON that is none', '0.json', '{', 'not JSON'],
    ['text that is not UTF-8', '0.txt', Buffer.from([0xff]), 'UTF-8'],
    ['text with a NUL', '0.txt', 'x\0', 'NUL'],
    ['a large integer', '0.json', '{"a":12345678901234567890}', 'cannot hold'],
  ])('rejects a sample with %s', async (_, name, content, message) => {
    const read = await readFiles({ 'x.tar': await tarOf({ [name]: content, '1.txt': 'good' }) });
    expect(read.rows).toHaveLength(1);
    expect(read.rejected).toMatchObject([
      { line: 1, column: name.slice(2), message: expect.stringContaining(message) as string },
    ]);
  });

  it('refuses a column that no sample has', async () => {
    const bytes = await tarOf({ '0.txt': 'x' });
    await expect(readFiles({ 'x.tar': bytes }, { columns: ['jpg'] })).rejects.toMatchObject({
      code: 'COLUMN_MISSING',
    });
  });
});
