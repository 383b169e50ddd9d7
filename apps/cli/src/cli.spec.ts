import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withTempDir } from '@assay/testing';
import { assay, makeHome, WORKSPACE } from './cli.fixture.js';
import { table } from './output.js';
import { reportError } from './run-command.js';

const HEADER = 'id,title,price,seller,y';
const ROWS = Array.from(
  { length: 60 },
  (_, i) => `${i},${i % 2 === 0 ? 'blue cup' : 'sharp blade'} ${i},${i},s${i % 30},${i % 2}`,
);
const CONFIG = `schemaVersion: 1
name: toy
description: A toy.
data:
  root: .
  source: { path: toy.csv }
  columns: { id: id, text: { title: title }, numeric: [price], group: seller }
  labels: { kind: multi-label, policies: [{ name: weapons, column: y }] }
  split: { strategy: group }
preprocess: { text: { fields: [title], buckets: 256, maxTokens: 64 } }
model: { text: { dim: 8 }, hiddenDim: 8 }
train: { maxEpochs: 3, batchSize: 8, warmupFraction: 0 }
`;

/** Runs a command on a toy pipeline whose CSV and config a test may spoil. */
async function onToy(
  args: (config: string) => string[],
  files: { csv?: string; config?: string } = {},
): Promise<{ status: number | null; stdout: string; stderr: string; left: string[] }> {
  return withTempDir((dir) => {
    const env = makeHome(dir);
    mkdirSync(join(dir, 'toy'));
    writeFileSync(join(dir, 'toy', 'toy.csv'), files.csv ?? [HEADER, ...ROWS].join('\n'));
    const config = join(dir, 'toy', 'pipeline.yaml');
    writeFileSync(config, files.config ?? CONFIG);
    const run = assay(args(config), env);
    const runs = join(dir, 'runs', 'toy');
    return { ...run, left: existsSync(runs) ? readdirSync(runs) : [] };
  });
}

const prepare = (config: string): string[] => ['prepare', config];

test('prepare on good input ends with 0 and prints its facts', async () => {
  const { status, stdout, left } = await onToy(prepare);
  expect(status).toBe(0);
  expect(stdout).toContain('rows: 60');
  expect(left).toEqual(['prepare']);
});

test.each([
  ['an unknown YAML key', { config: `${CONFIG}trian: {}\n` }, 2, 'CONFIG_INVALID', "did you mean 'train'?"],
  ['a missing column', { csv: 'id,title,prize,seller,y\n1,a,2,s,0\n' }, 1, 'COLUMN_MISSING', "'price'"],
  ['an empty CSV', { csv: '' }, 1, 'DATA_EMPTY', 'toy.csv'],
  ['a CSV with a header only', { csv: `${HEADER}\n` }, 1, 'DATA_EMPTY', 'toy.csv'],
  [
    'all labels equal',
    { csv: [HEADER, ...ROWS.map((row) => row.replace(/.$/, '0'))].join('\n') },
    1,
    'LABELS_DEGENERATE',
    'weapons',
  ],
  [
    'too many bad rows',
    {
      csv: [HEADER, ...ROWS.map((row, i) => (i < 5 ? row.replace(/,(\d+),s/, ',cheap,s') : row))].join('\n'),
    },
    1,
    'REJECTED_TOO_MANY',
    '5',
  ],
])('%s: one coded error, and nothing half written', async (_what, files, status, code, hint) => {
  const run = await onToy(prepare, files);
  expect(run.stderr).toContain(`error [${code}]`);
  expect(run.stderr).toContain(hint);
  expect(run.stderr.match(/error \[/g)).toHaveLength(1);
  expect(run.status).toBe(status);
  expect(run.left).toEqual([]);
});

test('a stage before its input stage is told which to run first', async () => {
  const run = await onToy((config) => ['train', config]);
  expect(run.status).toBe(1);
  expect(run.stderr).toContain('error [STAGE_INPUT_MISSING]');
  expect(run.left).toEqual([]);
});

test('an unreachable MLflow is one coded error', async () => {
  const { status, stderr } = assay(['promote', 'listings'], {
    MLFLOW_TRACKING_URI: 'http://127.0.0.1:9',
    ASSAY_MLFLOW_DEADLINE_MS: '500',
  });
  expect(stderr).toContain('error [MLFLOW_UNREACHABLE]');
  expect(stderr).toContain('127.0.0.1:9');
  expect(status).toBe(1);
  await Promise.resolve();
});

test('usage errors end with 2 and suggest the command that was meant', () => {
  const unknown = assay(['prepar', 'x']);
  expect(unknown.status).toBe(2);
  expect(unknown.stderr).toContain('prepare');
  expect(assay([]).status).toBe(2);
  expect(assay(['prepare', 'nowhere/pipeline.yaml'])).toMatchObject({ status: 2 });
  expect(assay(['synthesize', 'listings', '--rows', '0', '--out', '/nonexistent/x'])).toMatchObject({
    status: 2,
  });
});

test('config show prints the file with its defaults, config schema the checked-in schema', () => {
  const shown = JSON.parse(
    assay(['config', 'show', 'configs/listings/pipeline.yaml', '--set', 'train.batchSize=7']).stdout,
  ) as { train: { batchSize: number; clipNorm: number } };
  expect(shown.train).toMatchObject({ batchSize: 7, clipNorm: 1 });
  expect(assay(['config', 'schema']).stdout).toBe(
    readFileSync(join(WORKSPACE, 'configs/pipeline.schema.json'), 'utf8'),
  );
});

test('help answers without loading the engine', () => {
  const { status, stdout } = assay(['--help'], { ASSAY_HOME: '/nonexistent' });
  expect(status).toBe(0);
  for (const command of [
    'quickstart',
    'synthesize',
    'prepare',
    'train',
    'evaluate',
    'publish',
    'promote',
    'serve',
    'mlflow',
    'doctor',
  ])
    expect(stdout).toContain(`assay ${command}`);
});

test('an error that is no AssayError is reported as a defect', () => {
  let text = '';
  expect(reportError(new TypeError('oops'), (line) => (text += line))).toBe(1);
  expect(text).toContain('error [INTERNAL]');
  expect(text).toContain('oops');
});

test('tables align their columns', () => {
  expect(
    table([
      ['a', 'long header'],
      ['wide cell', 'x'],
    ]),
  ).toBe('a          long header\n─────────  ───────────\nwide cell  x');
});
