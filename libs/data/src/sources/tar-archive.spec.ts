import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { runReference, withReferences, withTempDir } from '@assay/testing';
import { pack, type Header } from 'tar-stream';
import { formatTarRef, parseTarRef, TarArchives } from './tar-archive.js';
import { indexTar } from './tar-index.js';

type Member = [header: Partial<Header> & { name: string }, content?: string];

async function packed(members: readonly Member[]): Promise<Buffer> {
  const archive = pack();
  for (const [header, content] of members) archive.entry(header, content ?? '');
  archive.finalize();
  const parts: Buffer[] = [];
  for await (const part of archive) parts.push(part as Buffer); // without an encoding they are buffers
  return Buffer.concat(parts);
}

const withTar = <T>(bytes: Uint8Array, use: (path: string) => Promise<T>): Promise<T> =>
  withTempDir((dir) => {
    const path = join(dir, 'x.tar');
    writeFileSync(path, bytes);
    return use(path);
  });

const LONG = `${'deep/'.repeat(60)}é.txt`;

describe('indexTar', () => {
  it('finds members of any size and name, and reads them in any order', async () => {
    const large = 'x'.repeat(3_000_000);
    const bytes = await packed([
      [{ name: './a.txt' }, 'first'],
      [{ name: 'folder', type: 'directory' }],
      [{ name: 'large.bin' }, large],
      [{ name: 'empty' }, ''],
      [{ name: LONG }, 'long name'],
      [{ name: 'copy.txt', type: 'link', linkname: 'a.txt' }],
      [{ name: 'sym', type: 'symlink', linkname: '/etc/passwd' }],
      [{ name: '../../etc/passwd' }, 'harmless'],
      [{ name: '/abs#x' }, 'last'],
    ]);
    await withTar(bytes, async (path) => {
      const index = await indexTar(path);
      expect([...index.keys()]).toEqual([
        'a.txt',
        'large.bin',
        'empty',
        LONG,
        'copy.txt',
        '../../etc/passwd',
        '/abs#x',
      ]);
      await using archives = new TarArchives();
      const read = async (member: string): Promise<string> => (await archives.read(path, member)).toString();
      expect(await read('/abs#x')).toBe('last');
      expect((await read('large.bin')) === large).toBe(true);
      expect(await read('copy.txt')).toBe('first');
      expect(await read('empty')).toBe('');
      expect(await read(LONG)).toBe('long name');
      expect(await read('../../etc/passwd')).toBe('harmless');
      await expect(read('sym')).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    });
  });

  it('indexes an archive anew when it has changed', async () => {
    await withTar(await packed([[{ name: 'a' }, 'one']]), async (path) => {
      await using archives = new TarArchives();
      expect((await archives.read(path, 'a')).toString()).toBe('one');
      writeFileSync(
        path,
        await packed([
          [{ name: 'b' }, 'x'],
          [{ name: 'a' }, 'two'],
        ]),
      );
      utimesSync(path, 1, 1);
      expect((await archives.read(path, 'a')).toString()).toBe('two');
    });
  });

  it('keeps one index for readers at the same time', async () => {
    const names = Array.from({ length: 50 }, (_, i) => `${i}.txt`);
    await withTar(await packed(names.map((name): Member => [{ name }, name])), async (path) => {
      await using archives = new TarArchives();
      const read = await Promise.all(names.map((name) => archives.read(path, name)));
      expect(read.map(String)).toEqual(names);
    });
  });

  it.each([
    [
      'two members of one name',
      () =>
        packed([
          [{ name: 'a' }, 'x'],
          [{ name: './a' }, 'y'],
        ]),
      'two members of the name a',
    ],
    ['gzip', async () => gzipSync(await packed([[{ name: 'a' }, 'x']])), 'gunzip'],
    [
      'an archive without its end',
      async () => (await packed([[{ name: 'a' }, 'x']])).subarray(0, 1024),
      'no end',
    ],
    [
      'an archive that is cut in a member',
      async () =>
        Buffer.concat([
          (await packed([[{ name: 'a' }, 'x'.repeat(9000)]])).subarray(0, 1024),
          Buffer.alloc(1024),
        ]),
      'beyond the end',
    ],
    [
      'what is no tar',
      () => Promise.resolve(Buffer.concat([Buffer.alloc(512, 'x'), Buffer.alloc(1024)])),
      'no whole tar',
    ],
    ['an empty file', () => Promise.resolve(Buffer.alloc(0)), 'no end'],
  ])('refuses %s', async (_, make, part) => {
    await withTar(await make(), async (path) => {
      await expect(indexTar(path)).rejects.toMatchObject({
        code: 'FILE_CORRUPT',
        message: expect.stringContaining(part) as string,
      });
    });
  });

  it('gives a missing archive a coded error', async () => {
    await expect(indexTar('/nowhere.tar')).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });

  (withReferences ? it : it.skip).each([['PAX_FORMAT'], ['GNU_FORMAT']])(
    'finds what tarfile of Python finds in an archive that it wrote as %s',
    (format) =>
      withTempDir(async (dir) => {
        const path = join(dir, 'x.tar');
        const members = [
          ['a.txt', 'é'],
          [LONG, 'x'.repeat(100_000)],
          ['手.txt', ''],
          ['z.txt', 'end'],
        ];
        const theirs = runReference(join(__dirname, '../../scripts/write-tar.py'), {
          args: [path, format],
          input: JSON.stringify(members),
        }) as Record<string, [number, number]>;
        const ours = [...(await indexTar(path))].map(([name, { offset, sizeBytes }]) => [
          name,
          [offset, sizeBytes],
        ]);
        expect(Object.fromEntries(ours)).toEqual(theirs);
        const { offset, sizeBytes } = (await indexTar(path)).get('a.txt')!;
        expect(
          readFileSync(path)
            .subarray(offset, offset + sizeBytes)
            .toString(),
        ).toBe('é');
      }),
  );
});

describe('parseTarRef', () => {
  it('gives back what was formatted, whatever characters the member has', () => {
    const ref = { archive: 'in/a#b.tar', member: 'x.tar#y#/../z.jpg' };
    expect(parseTarRef(formatTarRef(ref))).toEqual(ref);
    expect(parseTarRef('images/a.jpg')).toBeNull();
  });
});
