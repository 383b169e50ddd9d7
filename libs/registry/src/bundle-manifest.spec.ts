import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUNDLE_MANIFEST_FILE, verifyBundle, writeBundleManifest } from './bundle-manifest.js';

describe('bundle manifest', () => {
  let dir: string;
  let digest: string;

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'assay-bundle-'));
    mkdirSync(join(dir, 'saved_model'));
    writeFileSync(join(dir, 'saved_model', 'saved_model.pb'), 'graph');
    writeFileSync(join(dir, 'labels.json'), '{}');
    digest = await writeBundleManifest(dir);
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const problem = async (expected?: string): Promise<unknown> =>
    verifyBundle(dir, expected).catch((error: unknown) => error);

  it('lists every other file with its size and SHA-256', () => {
    const manifest: unknown = JSON.parse(readFileSync(join(dir, BUNDLE_MANIFEST_FILE), 'utf8'));
    expect(manifest).toEqual({
      schemaVersion: 1,
      files: {
        // printf '{}' | sha256sum; printf graph | sha256sum
        'labels.json': {
          sizeBytes: 2,
          sha256: '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
        },
        'saved_model/saved_model.pb': {
          sizeBytes: 5,
          sha256: 'eef93e1d14482804277fca0172464032d1a4fdbcc338524059fa1e861454ad4d',
        },
      },
    });
  });

  it('accepts an untouched bundle and gives its digest', async () => {
    await expect(verifyBundle(dir, digest)).resolves.toBe(digest);
  });

  it('gives equal files an equal digest', async () => {
    await expect(writeBundleManifest(dir)).resolves.toBe(digest);
  });

  it('names the file in which one byte was flipped', async () => {
    writeFileSync(join(dir, 'saved_model', 'saved_model.pb'), 'grapi');
    expect(await problem()).toMatchObject({
      code: 'BUNDLE_CORRUPT',
      message: expect.stringContaining('saved_model/saved_model.pb') as string,
    });
  });

  it('names a missing file', async () => {
    rmSync(join(dir, 'labels.json'));
    expect(await problem()).toMatchObject({
      code: 'BUNDLE_CORRUPT',
      message: expect.stringContaining('labels.json') as string,
    });
  });

  it('names a cut file with both sizes', async () => {
    truncateSync(join(dir, 'saved_model', 'saved_model.pb'), 3);
    expect(await problem()).toMatchObject({
      message: expect.stringContaining('has 3 bytes; the manifest says 5') as string,
    });
  });

  it('refuses a file that the manifest does not list', async () => {
    writeFileSync(join(dir, 'extra.bin'), 'x');
    expect(await problem()).toMatchObject({ code: 'BUNDLE_CORRUPT', details: { file: 'extra.bin' } });
  });

  it('refuses a link in place of a file', async () => {
    rmSync(join(dir, 'labels.json'));
    symlinkSync('/dev/null', join(dir, 'labels.json'));
    expect(await problem()).toMatchObject({
      message: expect.stringContaining('is not a plain file') as string,
    });
  });

  it('refuses a manifest with another digest than the registry promises', async () => {
    appendFileSync(join(dir, BUNDLE_MANIFEST_FILE), ' ');
    expect(await problem(digest)).toMatchObject({
      code: 'BUNDLE_CORRUPT',
      details: { file: BUNDLE_MANIFEST_FILE },
    });
  });

  it.each([
    ['no JSON', '{'],
    ['another schema version', '{"schemaVersion":2,"files":{}}'],
    ['a hash of another length', '{"schemaVersion":1,"files":{"a":{"sizeBytes":1,"sha256":"00"}}}'],
  ])('refuses a manifest that is %s', async (_what, text) => {
    writeFileSync(join(dir, BUNDLE_MANIFEST_FILE), text);
    expect(await problem()).toMatchObject({ code: 'BUNDLE_CORRUPT' });
  });

  it('refuses a directory without a manifest', async () => {
    rmSync(join(dir, BUNDLE_MANIFEST_FILE));
    expect(await problem()).toMatchObject({
      code: 'BUNDLE_CORRUPT',
      message: expect.stringContaining('is missing') as string,
    });
  });
});
