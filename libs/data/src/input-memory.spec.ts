import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withTempDir } from '@assay/testing';
import { ImageFiles } from './image-files.js';
import { fileVersion, recallInputs, rememberInputs, stillKnown, type InputMemory } from './input-memory.js';

const LATER = Date.now() + 3_600_000;

describe('fileVersion', () => {
  it('is the same until the file changes, also to equal size and time', () =>
    withTempDir((dir) => {
      const path = join(dir, 'a');
      writeFileSync(path, 'one');
      utimesSync(path, 1000, 1000);
      const version = fileVersion(path, LATER);
      expect(version).not.toBeNull();
      expect(fileVersion(path, LATER)).toBe(version);
      writeFileSync(path, 'two');
      utimesSync(path, 1000, 1000);
      expect(fileVersion(path, LATER)).not.toBe(version);
      return Promise.resolve();
    }));

  it('is none for a file that changed a moment ago, and for none', () =>
    withTempDir((dir) => {
      writeFileSync(join(dir, 'a'), 'one');
      expect(fileVersion(join(dir, 'a'))).toBeNull();
      expect(fileVersion(join(dir, 'b'), LATER)).toBeNull();
      return Promise.resolve();
    }));
});

test('a file without a version is never known', () =>
  withTempDir((dir) => {
    writeFileSync(join(dir, 'a'), 'one');
    expect(stillKnown({ version: null, sizeBytes: 3, sha256: 'x' }, join(dir, 'a'))).toBeNull();
    return Promise.resolve();
  }));

test('images are hashed again only when they changed', () =>
  withTempDir(async (dir) => {
    mkdirSync(join(dir, 'photos'));
    const names = ['photos/a.png', 'photos/b.png'];
    for (const name of names) writeFileSync(join(dir, name), name);
    const [a, b] = names.map((name) => fileVersion(join(dir, name), LATER));
    const known = { sizeBytes: 1, sha256: 'as it was' };
    jest.spyOn(Date, 'now').mockReturnValue(LATER);
    try {
      const before: [string, typeof known & { version: string | null }][] = [
        ['photos/a.png', { ...known, version: a ?? null }],
        ['photos/b.png', { ...known, version: `${b} other` }],
      ];
      const files = new ImageFiles(dir, 'photos', before);
      for (const name of names) await files.add(name);
      expect(files.sha256('photos/a.png')).toBe('as it was');
      expect(files.sha256('photos/b.png')).toMatch(/^[0-9a-f]{64}$/);
    } finally {
      jest.restoreAllMocks();
    }
  }));

test('what was remembered comes back, and anything else is nothing', () =>
  withTempDir(async (dir) => {
    const target = join(dir, 'prepared');
    expect(recallInputs(target)).toBeNull();
    const known = { version: null, sizeBytes: 3, sha256: 'x' };
    const memory: InputMemory = {
      key: 'k',
      numRows: 3,
      files: [['rows.csv', known]],
      images: [['x.png', null]],
    };
    await rememberInputs(target, memory);
    expect(recallInputs(target)).toEqual(memory);
    const path = join(dir, 'prepared.inputs.jsonl');
    const lines = readFileSync(path, 'utf8').split('\n');
    writeFileSync(path, `${lines.slice(0, 2).join('\n')}\n`);
    expect(recallInputs(target)).toBeNull();
    writeFileSync(path, '{"schemaVersion":1,"key":"k"');
    expect(recallInputs(target)).toBeNull();
  }));
