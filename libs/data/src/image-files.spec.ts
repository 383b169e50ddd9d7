import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256OfBytes } from '@assay/core';
import { decodeSlots, ImageCache } from '@assay/preprocess';
import { withTempDir } from '@assay/testing';
import { FingerprintJournal } from './fingerprint-journal.js';
import { fingerprintOf, ImageFiles } from './image-files.js';

/** Looks at image files in `root/photos`; `outside.png` lies beside the root. */
const withFiles = (look: (files: ImageFiles, root: string) => Promise<void>): Promise<void> =>
  withTempDir(async (dir) => {
    const root = join(dir, 'root');
    mkdirSync(join(root, 'photos'), { recursive: true });
    writeFileSync(join(root, 'photos', 'a.png'), 'a');
    writeFileSync(join(root, 'beside.png'), 'beside');
    writeFileSync(join(dir, 'outside.png'), 'outside');
    await look(new ImageFiles(root, 'photos'), root);
  });

describe('ImageFiles', () => {
  it('does not follow a link out of the folder of the images', () =>
    withFiles(async (files, root) => {
      symlinkSync(join(root, '..', 'outside.png'), join(root, 'photos', 'link.png'));
      symlinkSync(join(root, '..'), join(root, 'photos', 'up'));
      symlinkSync('a.png', join(root, 'photos', 'inside.png'));
      await expect(files.read('photos/link.png')).rejects.toMatchObject({ code: 'RECORD_INVALID' });
      await expect(files.read('photos/up/outside.png')).rejects.toMatchObject({ code: 'RECORD_INVALID' });
      await expect(files.read('beside.png')).rejects.toMatchObject({ code: 'RECORD_INVALID' });
      expect(Buffer.from(await files.read('photos/inside.png')).toString()).toBe('a');
    }));

  it('reads through a folder of images that is a link itself', () =>
    withFiles(async (_, root) => {
      symlinkSync(join(root, 'photos'), join(root, 'elsewhere'));
      const files = new ImageFiles(root, 'elsewhere');
      expect(Buffer.from(await files.read('elsewhere/a.png')).toString()).toBe('a');
    }));

  it('reads no more images at a time than are decoded', () =>
    withFiles(async (files, root) => {
      const journal = await FingerprintJournal.open(join(root, 'journal.jsonl'));
      const fingerprint = fingerprintOf({ width: 1, height: 1, pixels: Uint8Array.of(1, 2, 3) });
      let held = 0;
      let most = 0;
      const cache = new ImageCache(0, async (bytes) => {
        await new Promise(setImmediate);
        journal.add(sha256OfBytes(bytes), fingerprint);
        held--;
        return bytes;
      });
      jest.spyOn(files, 'read').mockImplementation((path) => {
        most = Math.max(most, ++held);
        return Promise.resolve(Buffer.from(path));
      });
      const paths = Array.from({ length: 40 }, (_, i) => [`${i}.png`, `${i}.jpg`]);
      const found = await Promise.all(paths.map((ofRow) => files.check(ofRow, 'photos', { cache, journal })));
      expect(found).toEqual(paths.map(() => [fingerprint, fingerprint]));
      expect(most).toBeLessThanOrEqual(decodeSlots.count);
    }));

  it.each([
    ['a name that is too long', 'x'.repeat(300), 'FILE_NOT_FOUND'],
    ['a file that is taken for a folder', 'a.png/b.png', 'FILE_NOT_FOUND'],
    ['a folder', '.', 'RECORD_INVALID'],
    ['a loop of links', 'loop', 'FILE_NOT_FOUND'],
    ['a pipe, which nobody writes to', 'pipe', 'RECORD_INVALID'],
    ['a file that is too large', 'large', 'IMAGE_TOO_LARGE'],
  ])('gives %s a coded error', (_, name, code) =>
    withFiles(async (files, root) => {
      symlinkSync('loop', join(root, 'photos', 'loop'));
      execFileSync('mkfifo', [join(root, 'photos', 'pipe')]);
      writeFileSync(join(root, 'photos', 'large'), '');
      truncateSync(join(root, 'photos', 'large'), 2 ** 28 + 1);
      const path = `photos/${name}`;
      await expect(files.read(path)).rejects.toMatchObject({ code });
      await files.add(path);
      expect(files.sha256(path)).toBeUndefined();
    }),
  );
});
