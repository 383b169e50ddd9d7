import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

jest.setTimeout(180_000);

const WORKSPACE = join(__dirname, '../../..');
const CONFIG = `schemaVersion: 1
name: tiny
description: Two kinds of words.
seed: 1
data:
  root: .
  source: { format: csv, path: rows.csv }
  columns: { id: id, text: { text: text } }
  labels: { kind: multi-label, policies: [{ name: spam, column: spam }] }
  split: { strategy: group, fractions: { train: 0.6, validation: 0.2, test: 0.2 } }
preprocess: { text: { fields: [text], buckets: 256, maxTokens: 32 } }
model: { text: { encoder: embedding-bag, dim: 8 } }
train: { maxEpochs: 1 }
evaluate: { operatingPoint: { minPrecision: 0.5 } }
`;

// A workspace with this plugin, the built command line and the real Nx, where nothing needs to be built.
let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'assay-nx-'));
  const { plugins, ...nx } = JSON.parse(readFileSync(join(WORKSPACE, 'nx.json'), 'utf8')) as {
    plugins: { plugin: string }[];
  };
  const own = plugins.filter(({ plugin }) => plugin.startsWith('./tools/nx-pipelines'));
  expect(own).toHaveLength(1);
  writeFileSync(join(dir, 'nx.json'), JSON.stringify({ ...nx, plugins: own }));
  const skipped = /node_modules|out-tsc|\.tsbuildinfo$/;
  const parts = [
    'package.json',
    'package-lock.json',
    'tsconfig.base.json',
    'libs',
    'apps',
    'tools',
    'requirements',
  ];
  for (const part of parts)
    cpSync(join(WORKSPACE, part), join(dir, part), {
      recursive: true,
      filter: (path) => !skipped.test(path),
    });
  symlinkSync(join(WORKSPACE, 'node_modules'), join(dir, 'node_modules'));
  mkdirSync(join(dir, 'configs/tiny'), { recursive: true });
  mkdirSync(join(dir, '.assay'));
  cpSync(join(WORKSPACE, '.assay/setup.json'), join(dir, '.assay/setup.json'));
  writeFileSync(join(dir, 'configs/tiny/pipeline.yaml'), CONFIG);
  writeRows(200);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function writeRows(count: number): void {
  /** Alike in their first words only: near-duplicates would be one unit of the split. */
  const row = (i: number): string => {
    const other = createHash('sha256').update(`${i}`).digest('hex');
    return i % 3 === 0 ? `r${i},buy cheap pills ${other},1` : `r${i},warm wool scarf ${other},0`;
  };
  writeFileSync(
    join(dir, 'configs/tiny/rows.csv'),
    `${['id,text,spam', ...Array.from({ length: count }, (_, i) => row(i))].join('\n')}\n`,
  );
}

/** Runs Nx and says which of the stages it took from its cache. */
function nx(target: string): { status: number | null; output: string; ran: string[]; cached: string[] } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(WORKSPACE, 'node_modules/nx/dist/bin/nx.js'), 'run', target, '--outputStyle=static'],
    { cwd: dir, encoding: 'utf8', env: nxEnvironment() },
  );
  const output = stdout + stderr;
  const tasks = [...output.matchAll(/^> nx run tiny:(\w+) *(.*)$/gm)];
  const named = (cached: boolean): string[] =>
    tasks.filter(([, , note]) => (note ?? '').includes('cache') === cached).map(([, name]) => name ?? '');
  return { status, output, ran: named(false), cached: named(true) };
}

/** The environment without what an outer Nx or jest put there. */
function nxEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(NX_|JEST_|ASSAY_RUNS$|ASSAY_HOME$|FORCE_COLOR$|NODE_OPTIONS$)/.test(name),
  );
  return { ...Object.fromEntries(kept), NX_DAEMON: 'false', NX_TUI: 'false', NO_COLOR: '1' };
}

test('the stages run in order; a second run and lost results come from the cache', () => {
  const first = nx('tiny:evaluate');
  expect([first.status, first.ran, first.cached]).toEqual([0, ['prepare', 'train', 'evaluate'], []]);
  rmSync(join(dir, '.assay/runs'), { recursive: true });
  expect(nx('tiny:evaluate')).toMatchObject({ status: 0, ran: [], cached: ['prepare', 'train', 'evaluate'] });
  expect(existsSync(join(dir, '.assay/runs/tiny/evaluate/report.html'))).toBe(true);
});

test('a changed section runs its own stage and the later ones, a changed source all of them', () => {
  const path = join(dir, 'configs/tiny/pipeline.yaml');
  writeFileSync(path, CONFIG.replace('minPrecision: 0.5', 'minPrecision: 0.6'));
  expect(nx('tiny:evaluate')).toMatchObject({ status: 0, ran: ['evaluate'], cached: ['prepare', 'train'] });
  writeFileSync(path, CONFIG.replace('Two kinds', 'Some kinds'));
  expect(nx('tiny:evaluate')).toMatchObject({ status: 0, ran: ['evaluate'], cached: ['prepare', 'train'] });
  writeFileSync(path, CONFIG.replace('maxEpochs: 1', 'maxEpochs: 2'));
  expect(nx('tiny:evaluate')).toMatchObject({ status: 0, ran: ['train', 'evaluate'], cached: ['prepare'] });
  writeRows(210);
  expect(nx('tiny:evaluate')).toMatchObject({ status: 0, cached: [] });
});

test('a model of another TensorFlow is not restored: a new pin or another variant trains again', () => {
  expect(nx('tiny:evaluate')).toMatchObject({ status: 0 });
  const afterwards = { status: 0, ran: ['train', 'evaluate'], cached: ['prepare'] };
  const pins = join(dir, 'requirements/engine-cpu.txt');
  writeFileSync(pins, `${readFileSync(pins, 'utf8')}# another pin\n`);
  expect(nx('tiny:evaluate')).toMatchObject(afterwards);
  const facts = join(dir, '.assay/setup.json');
  writeFileSync(facts, readFileSync(facts, 'utf8').replace(/"variant": "[^"]*"/, '"variant": "other"'));
  expect(nx('tiny:evaluate')).toMatchObject(afterwards);
});

test('a file that is no YAML fails its own targets and no other', () => {
  mkdirSync(join(dir, 'configs/broken'), { recursive: true });
  writeFileSync(join(dir, 'configs/broken/pipeline.yaml'), "name: 'broken\n");
  const broken = nx('broken:train');
  expect(broken.status).not.toBe(0);
  expect(broken.output).toContain('error [CONFIG_INVALID]: configs/broken/pipeline.yaml: is not valid YAML');
  expect(nx('tiny:prepare').status).toBe(0);
});
