import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withTempDir } from '@assay/testing';
import type { CreateNodesContextV2, TargetConfiguration } from '@nx/devkit';
import { createNodesV2 } from './index.js';

const DIGEST = join(__dirname, '..', 'section-digest.mjs');

async function targetsOf(text: string): Promise<Record<string, TargetConfiguration>> {
  return withTempDir(async (workspaceRoot) => {
    const file = 'configs/toy/pipeline.yaml';
    mkdirSync(dirname(join(workspaceRoot, file)), { recursive: true });
    writeFileSync(join(workspaceRoot, file), text);
    const context: CreateNodesContextV2 = { workspaceRoot, nxJsonConfiguration: {} };
    const [[, { projects = {} }]] = (await createNodesV2[1]([file], {}, context)) as [
      [
        string,
        { projects?: Record<string, { name?: string; targets?: Record<string, TargetConfiguration> }> },
      ],
    ];
    expect(projects['configs/toy']?.name).toBe('toy');
    return projects['configs/toy']?.targets ?? {};
  });
}

test('a pipeline becomes a chain of targets of which publish alone is not cached', async () => {
  const targets = await targetsOf('name: toy\n');
  expect(Object.entries(targets).map(([name, { cache }]) => [name, cache])).toEqual([
    ['prepare', true],
    ['train', true],
    ['evaluate', true],
    ['publish', false],
  ]);
  expect(targets['evaluate']?.dependsOn).toEqual([{ projects: ['@assay/cli'], target: 'build' }, 'train']);
  expect(targets['train']).toMatchObject({
    command: 'node apps/cli/dist/main.js train configs/toy/pipeline.yaml',
    outputs: ['{workspaceRoot}/.assay/runs/toy/train'],
    parallelism: false,
  });
});

test('a file that is no YAML gives targets that print the reason and end with 2', async () => {
  const targets = await targetsOf("name: 'toy\n");
  const { status, stderr } = spawnSync('sh', ['-c', targets['train']!.command!], { encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stderr).toMatch(
    /^error \[CONFIG_INVALID\]: configs\/toy\/pipeline\.yaml is not valid YAML: .*quote/,
  );
});

test('the digest of a section follows its content, not its comments, key order or other sections', () =>
  withTempDir((dir) => {
    const digest = (text: string): string => {
      writeFileSync(join(dir, 'p.yaml'), text);
      return execFileSync(process.execPath, [DIGEST, join(dir, 'p.yaml'), 'train'], { encoding: 'utf8' });
    };
    const first = digest('train: { a: 1, b: 2 }\nevaluate: {}\n');
    expect(digest('# why\ntrain: { b: 2, a: 1 }\nevaluate: { gates: [] }\n')).toBe(first);
    expect(digest('train: { a: 1, b: 3 }\n')).not.toBe(first);
  }));

test('the digest follows the source file and the images', () =>
  withTempDir((dir) => {
    const text =
      'data: { root: images, source: { path: ../a.csv }, columns: { images: { column: photo } } }\n';
    mkdirSync(join(dir, 'images'));
    writeFileSync(join(dir, 'p.yaml'), text);
    const digest = (): string =>
      execFileSync(process.execPath, [DIGEST, join(dir, 'p.yaml'), 'train'], { encoding: 'utf8' });
    const missing = digest();
    writeFileSync(join(dir, 'a.csv'), 'id\n1\n');
    const present = digest();
    expect(present).not.toBe(missing);
    writeFileSync(join(dir, 'images/a.jpg'), 'pixels');
    expect(digest()).not.toBe(present);
  }));
