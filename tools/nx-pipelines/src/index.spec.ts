import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withTempDir } from '@assay/testing';
import type { CreateNodesContextV2, TargetConfiguration } from '@nx/devkit';
import { createNodesV2 } from './index.js';

const DIGEST = join(__dirname, '..', 'section-digest.mjs');

const runs = process.env['ASSAY_RUNS'];
beforeEach(() => delete process.env['ASSAY_RUNS']);
afterAll(() => {
  if (runs !== undefined) process.env['ASSAY_RUNS'] = runs;
});

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
    outputs: ['{workspaceRoot}/.assay/runs/toy/train', '{workspaceRoot}/.assay/runs/toy/train.stale.json'],
    parallelism: false,
  });
});

test('a file that is no YAML gives targets that print the reason and end with 2', async () => {
  const targets = await targetsOf("name: 'toy\n");
  const { status, stderr } = spawnSync('sh', ['-c', targets['train']!.command!], { encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stderr).toMatch(
    /^error \[CONFIG_INVALID\]: configs\/toy\/pipeline\.yaml: is not valid YAML: .*quote/,
  );
});

test.each(['', 'description: none\n', 'name: [toy]\n', 'name: ../../..\n'])(
  'a file without a name that a folder can have fails its targets: %j',
  async (text) => {
    const targets = await targetsOf(text);
    const { status, stderr } = spawnSync('sh', ['-c', targets['train']!.command!], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([
      2,
      "error [CONFIG_INVALID]: configs/toy/pipeline.yaml: 'name' has to be lower-case letters, digits and hyphens\n",
    ]);
  },
);

test('the outputs lie under the name in the file, where the command line writes them', async () => {
  const outputs = async (): Promise<unknown> => (await targetsOf('name: other\n'))['train']?.outputs?.[0];
  expect(await outputs()).toBe('{workspaceRoot}/.assay/runs/other/train');
  process.env['ASSAY_RUNS'] = 'elsewhere';
  expect(await outputs()).toBe('{workspaceRoot}/elsewhere/other/train');
});

test('results outside the workspace, which Nx cannot restore, are not cached', async () => {
  process.env['ASSAY_RUNS'] = '/elsewhere';
  const targets = await targetsOf('name: toy\n');
  expect(Object.values(targets).map(({ cache, outputs }) => [cache, outputs])).toEqual(
    Array.from({ length: 4 }, () => [false, undefined]),
  );
});

/** What a stage's own definition reads of the config: `{ a, b: c.d, e: f }` is a, c.d and e. */
function configOf(stageFile: string): string[] {
  const source = readFileSync(join(__dirname, '../../..', stageFile), 'utf8');
  const literal = /const definition = \{[^{}]*\bconfig: \{([^{}]*)\}/.exec(source)?.[1];
  if (literal === undefined) throw new Error(`${stageFile} has no definition with a config`);
  return literal
    .split(',')
    .map((entry) => entry.trim().split(/:\s*/))
    .map(([key = '', value = '']) => (value.includes('.') ? value : key))
    .filter((name) => name !== '');
}

// Not of the pipeline file: an option of the command line, and a version that Nx takes from the lock.
const NOT_IN_FILE = ['allowLeak', 'imageDecoder'];

test.each([
  ['prepare', 'libs/data/src/prepare-stage.ts', ['data', 'preprocess', 'seed']],
  ['train', 'libs/training/src/train-stage.ts', ['model', 'train', 'seed']],
  [
    'evaluate',
    'libs/evaluation/src/evaluate-stage.ts',
    ['evaluate', 'publish.policyVersions', 'name', 'description', 'seed'],
  ],
])(
  'the cache of %s looks at every section that makes the stage itself stale',
  async (stage, file, expected) => {
    const read = configOf(file).filter((name) => !NOT_IN_FILE.includes(name));
    expect(read).toEqual(expected);
    const inputs = (await targetsOf('name: toy\n'))[stage]!.inputs as { runtime?: string }[];
    const sections = inputs.find(({ runtime }) => runtime?.includes('section-digest'))!.runtime!.split(' ');
    expect(sections).toEqual(expect.arrayContaining(read));
  },
);

/** A package and every workspace package that it depends on. */
function packagesBelow(name: string): string[] {
  const path = join(__dirname, '../../../libs', name.replace('@assay/', ''), 'package.json');
  const { dependencies = {} } = JSON.parse(readFileSync(path, 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  const own = Object.keys(dependencies).filter((dependency) => dependency.startsWith('@assay/'));
  return [...new Set([name, ...own.flatMap(packagesBelow)])];
}

test.each([
  ['prepare', '@assay/data'],
  ['train', '@assay/training'],
  ['evaluate', '@assay/evaluation'],
])('the cache of %s looks at the code of every package that it runs', async (stage, name) => {
  const inputs = (await targetsOf('name: toy\n'))[stage]!.inputs as { projects?: string[] }[];
  const { projects = [] } = inputs.find((input) => input.projects !== undefined)!;
  expect([...projects].sort()).toEqual(packagesBelow(name).sort());
});

test('a part of a section has a digest of its own', () =>
  withTempDir((dir) => {
    const digest = (text: string): string => {
      writeFileSync(join(dir, 'p.yaml'), text);
      const part = [DIGEST, join(dir, 'p.yaml'), 'publish.policyVersions'];
      return execFileSync(process.execPath, part, { encoding: 'utf8' });
    };
    const first = digest('publish: { policyVersions: { spam: v1 }, alias: a }\n');
    expect(digest('publish: { policyVersions: { spam: v1 }, alias: b }\n')).toBe(first);
    expect(digest('publish: { policyVersions: { spam: v2 }, alias: a }\n')).not.toBe(first);
    expect(digest('name: toy\n')).not.toBe(first);
  }));

test(
  'a source over 2 GiB has a digest',
  () =>
    withTempDir((dir) => {
      writeFileSync(join(dir, 'p.yaml'), 'data: { source: { path: a.csv } }\n');
      writeFileSync(join(dir, 'a.csv'), '');
      truncateSync(join(dir, 'a.csv'), 2 ** 31); // takes no room: nothing is in it
      const digest = execFileSync(process.execPath, [DIGEST, join(dir, 'p.yaml'), 'data'], {
        encoding: 'utf8',
      });
      expect(digest).toMatch(/^[0-9a-f]{64}\n$/);
    }),
  120_000,
);

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

test('the digest follows the images below a linked folder, and a link that leads back ends', () =>
  withTempDir((dir) => {
    const text =
      'data: { root: root, source: { path: ../a.csv }, columns: { images: { column: photo, directory: photos } } }\n';
    writeFileSync(join(dir, 'p.yaml'), text);
    writeFileSync(join(dir, 'a.csv'), 'photo\nphotos/summer/a.jpg\n');
    mkdirSync(join(dir, 'root'));
    mkdirSync(join(dir, 'disk/summer'), { recursive: true });
    symlinkSync('../disk', join(dir, 'root/photos'));
    const digest = (): string =>
      execFileSync(process.execPath, [DIGEST, join(dir, 'p.yaml'), 'data'], { encoding: 'utf8' });
    const seen = [digest()];
    const expectChange = (change: () => void): void => {
      change();
      const changed = digest();
      expect(seen).not.toContain(changed);
      seen.push(changed);
    };
    expectChange(() => writeFileSync(join(dir, 'disk/summer/a.jpg'), 'pixels'));
    expectChange(() => writeFileSync(join(dir, 'disk/summer/a.jpg'), 'other pixels'));
    writeFileSync(join(dir, 'b.jpg'), 'pixels');
    expectChange(() => symlinkSync('../../b.jpg', join(dir, 'disk/summer/b.jpg')));
    expectChange(() => writeFileSync(join(dir, 'b.jpg'), 'more pixels'));
    expectChange(() => {
      symlinkSync('..', join(dir, 'disk/summer/back'));
      symlinkSync('loop', join(dir, 'disk/loop'));
      symlinkSync('nowhere', join(dir, 'disk/broken'));
    });
    expectChange(() => writeFileSync(join(dir, 'disk/summer/a.jpg'), 'the last pixels'));
  }));

const ENGINE_FACTS = join(__dirname, '..', 'engine-facts.mjs');

test('the cache of what TensorFlow computes looks at the pinned engine and at the one that is installed', async () => {
  const targets = await targetsOf('name: toy\n');
  const engine = [
    '{workspaceRoot}/requirements/engine-*.txt',
    { runtime: 'node tools/nx-pipelines/engine-facts.mjs' },
  ];
  for (const stage of ['train', 'evaluate'])
    expect(targets[stage]!.inputs).toEqual(expect.arrayContaining(engine));
  for (const input of engine) expect(targets['prepare']!.inputs).not.toContainEqual(input); // it loads no engine
  const requirements = join(__dirname, '../../../requirements');
  expect(readdirSync(requirements)).toEqual(expect.arrayContaining(['engine-cpu.txt', 'engine-gpu.txt']));
});

test('the engine facts are version and variant of the set-up below ASSAY_HOME or .assay, or none', () =>
  withTempDir((dir) => {
    const facts = (home?: string): string => {
      const { ASSAY_HOME: _, ...env } = process.env;
      return execFileSync(process.execPath, [ENGINE_FACTS], {
        cwd: dir,
        encoding: 'utf8',
        env: home === undefined ? env : { ...env, ASSAY_HOME: home },
      });
    };
    const setUp = (home: string, engine: unknown): void => {
      mkdirSync(join(dir, home), { recursive: true });
      writeFileSync(join(dir, home, 'setup.json'), JSON.stringify({ engine }));
    };
    expect(facts()).toBe('none\n');
    setUp('.assay', { version: '2.21.0', variant: 'cpu', dir: '/engine', addon: '/addon' });
    setUp('elsewhere', { version: '2.22.0', variant: 'gpu', dir: '/engine', addon: '/addon' });
    expect(facts()).toBe('2.21.0 cpu\n');
    expect(facts('')).toBe('2.21.0 cpu\n');
    expect(facts('elsewhere')).toBe('2.22.0 gpu\n');
    expect(facts(join(dir, 'elsewhere'))).toBe('2.22.0 gpu\n');
    writeFileSync(join(dir, '.assay/setup.json'), '{');
    expect(facts()).toBe('none\n');
  }));
