import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig, type LoadedConfig } from '@assay/config';
import { runStage, sha256OfBytes } from '@assay/core';
import { collectLineage } from './lineage.js';
import { TINY_PIPELINE } from './tiny-bundle.fixture.js';

describe('collectLineage', () => {
  let dir: string;
  let loaded: LoadedConfig;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'assay-lineage-'));
    loaded = { config: parseConfig(TINY_PIPELINE), path: join(dir, 'pipeline.yaml'), dataRoot: dir };
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', dir, '-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
      encoding: 'utf8',
    }).trim();

  it('says whether the commit has uncommitted changes', async () => {
    git('init', '--quiet');
    writeFileSync(join(dir, 'pipeline.yaml'), 'x');
    git('add', '.');
    git('commit', '--quiet', '-m', 'first');
    const commit = git('rev-parse', 'HEAD');
    expect((await collectLineage({ loaded, stageDirs: {} })).git).toEqual({ commit, dirty: false });
    writeFileSync(join(dir, 'pipeline.yaml'), 'y');
    expect((await collectLineage({ loaded, stageDirs: {} })).git).toEqual({ commit, dirty: true });
  });

  it('keeps the commit when there are more changes than fit the output of one command', async () => {
    git('init', '--quiet');
    git('commit', '--quiet', '--allow-empty', '-m', 'first');
    const commit = git('rev-parse', 'HEAD');
    for (let i = 0; i < 4400; i++) writeFileSync(join(dir, `${i}-${'x'.repeat(240)}`), ''); // 4400 · 244 bytes > 1 MiB
    expect((await collectLineage({ loaded, stageDirs: {} })).git).toEqual({ commit, dirty: true });
  });

  it('has no commit outside a repository', async () => {
    expect((await collectLineage({ loaded, stageDirs: {} })).git).toEqual({ commit: null, dirty: null });
  });

  it('names each stage by the digest of its manifest, with the engine and the device of the one that had them', async () => {
    const make = (name: string, engine?: string) =>
      runStage(
        join(dir, name),
        { name, config: {}, packages: [], ...(engine === undefined ? {} : { engine }) },
        async ({ outDir }) => {
          await writeFile(join(outDir, 'a.txt'), name);
          return {};
        },
      );
    const [prepare, train] = [await make('prepare'), await make('train', 'tensorflow 2.18.0 cpu')];
    const lineage = await collectLineage({ loaded, stageDirs: { prepare: prepare.dir, train: train.dir } });
    expect(lineage.stages).toEqual({
      prepare: { digest: prepare.digest, key: prepare.manifest.key },
      train: { digest: train.digest, key: train.manifest.key },
    });
    expect(lineage.engine).toBe('tensorflow 2.18.0 cpu');
    expect(lineage).toMatchObject({ pipeline: 'tiny', seed: 3, packageLockSha256: null });
  });

  it('names the commit and the machine that trained, not the ones that publish', async () => {
    const hardware = { device: 'NVIDIA H100', platform: 'linux-x64', cpu: 'x', cores: 16, memoryBytes: 1 };
    const trained = {
      git: { commit: 'a'.repeat(40), dirty: false },
      packageLockSha256: 'b'.repeat(64),
      nodeVersion: '22.1.0',
      hardware,
    };
    const definition = { name: 'train', config: {}, packages: [] };
    const train = await runStage(join(dir, 'train'), definition, async ({ outDir }) => {
      await writeFile(join(outDir, 'environment.json'), JSON.stringify(trained));
      return {};
    });
    git('init', '--quiet');
    git('commit', '--quiet', '--allow-empty', '-m', 'later');
    expect(await collectLineage({ loaded, stageDirs: { train: train.dir } })).toMatchObject(trained);
  });

  it('finds the package lock in a folder above', async () => {
    writeFileSync(join(dir, 'package-lock.json'), '{}');
    const lineage = await collectLineage({
      loaded: { ...loaded, path: join(dir, 'configs', 'tiny', 'pipeline.yaml') },
      stageDirs: {},
    });
    expect(lineage.packageLockSha256).toBe(sha256OfBytes('{}'));
  });
});
