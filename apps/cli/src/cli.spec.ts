import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { distinctName, withTempDir } from '@assay/testing';
import { assay, MAIN, makeHome, WORKSPACE } from './cli.fixture.js';
import { describeFact } from './commands/doctor.js';
import { table } from './output.js';
import { reportError } from './run-command.js';

jest.setTimeout(120_000); // each test starts the command, some several times

const HEADER = 'id,title,price,seller,y';
const ROWS = Array.from(
  { length: 60 },
  (_, i) => `${i},${i % 2 === 0 ? 'blue cup' : 'sharp blade'} ${distinctName(i)},${i},s${i % 30},${i % 2}`,
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
  expect(stdout).toMatch(/^report: .*runs\/toy\/prepare\/report\.html$/m);
  expect(left).toEqual(['prepare', 'prepare.inputs.jsonl']);
});

describe('data', () => {
  /** Prepares the toy rows before and after a change, and runs a command on the two folders. */
  const onTwo = (after: string[], args: (before: string, after: string) => string[]) =>
    withTempDir((dir) => {
      const folders = [ROWS, after].map((rows, i) => {
        const home = join(dir, String(i));
        mkdirSync(join(home, 'toy'), { recursive: true });
        writeFileSync(join(home, 'toy', 'toy.csv'), [HEADER, ...rows].join('\n'));
        const config = join(home, 'toy', 'pipeline.yaml');
        writeFileSync(config, CONFIG);
        const few = ['--set', 'data.maxRejectedFraction=0.1'];
        const { status, stderr } = assay(['prepare', config, ...few], makeHome(home));
        if (status !== 0) throw new Error(stderr);
        return join(home, 'runs', 'toy', 'prepare');
      });
      return assay(args(folders[0]!, folders[1]!), makeHome(dir));
    });

  test('inspect shows splits, what they share, and model inputs', async () => {
    const { status, stdout } = await onTwo([...ROWS, '60,,x,s1,1'], (_, after) => [
      ...['data', 'inspect', after],
    ]);
    expect(status).toBe(0);
    expect(stdout).toContain('rows: 61 (purged 0, rejected 1)');
    expect(stdout).toMatch(/^train +\d+ +\d+ of \d+$/m);
    expect(stdout).toMatch(/^train and test +0 +0 +0 +0 +– +– +–$/m);
    expect(stdout).toMatch(/^1 +RECORD_INVALID +price +line 62: /m);
    expect(stdout).toMatch(/^numeric_BF +float32 +\[B, 2\]$/m);
  });

  test('diff says what changed, or that nothing did', async () => {
    const diff = (before: string, after: string): string[] => ['data', 'diff', before, after];
    expect((await onTwo(ROWS, diff)).stdout).toBe('no difference\n');
    const { status, stdout } = await onTwo([...ROWS.slice(1), '99,new,1,s99,1'], diff);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^added\nsplit +records +ids\n─.*\n\w+ +1 +99$/m);
    expect(stdout).toMatch(/^removed\nsplit +records +ids\n─.*\n\w+ +1 +0$/m);
    expect(stdout).toMatch(/^\d+ of the files that models read hold other bytes: .*records\/test\.jsonl/m);
    const json = JSON.parse((await onTwo(ROWS, (...dirs) => [...diff(...dirs), '--json'])).stdout) as object;
    expect(json).toMatchObject({ added: [], preprocessor: false });
  });

  test('a folder without prepared data is one coded error', () => {
    const { status, stderr } = assay(['data', 'inspect', '/nowhere'], {});
    expect(status).toBe(1);
    expect(stderr).toContain('STAGE_INPUT_MISSING');
  });
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
  expect(run.left).toEqual(code === 'REJECTED_TOO_MANY' ? ['prepare.rejected.jsonl'] : []);
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

test('prepare named no file of rejected rows, and ran the labels of all splits into one line', async () => {
  const csv = [HEADER, ...ROWS, '60,bent spoon,cheap,s1,0', '61,cup,cheap,s2,1'].join('\n');
  const config = CONFIG.replace('split: {', 'maxRejectedFraction: 0.1\n  split: {');
  const { status, stdout } = await onToy(prepare, { csv, config });
  expect(status).toBe(0);
  expect(stdout).toMatch(/^rejected: 2, see .*runs\/toy\/prepare\/rejected\.jsonl$/m);
  const lines = stdout.trim().split('\n').slice(-6);
  expect(lines[0]).toBe('split        records  weapons (positive of known)');
  expect(lines.slice(2).map((line) => line.split(' ')[0])).toEqual([
    'train',
    'validation',
    'calibration',
    'test',
  ]);
  for (const line of lines.slice(2)) expect(line).toMatch(/^\w+ +(\d+) +\d+ of \1$/);
  expect(stdout).not.toContain('preprocessorDigest');
});

test('config check says ok to people and nothing to programs, or what is wrong', async () => {
  const check = (config: string): string[] => ['config', 'check', config];
  expect(await onToy(check)).toMatchObject({ status: 0, stdout: '', stderr: 'ok\n' });
  const wrong = await onToy(check, { config: `${CONFIG}trian: {}\n` });
  expect([wrong.status, wrong.stdout]).toEqual([2, '']);
  expect(wrong.stderr).toContain("did you mean 'train'?");
});

test('usage errors ran two sentences together', () => {
  const line = (args: string[]): string => assay(args, { LANG: 'de_DE.UTF-8' }).stderr;
  expect(line(['prepare'])).toBe(
    'error [USAGE]: Arguments are missing: got 0, expected at least 1. Expected: assay prepare <config>. See: assay prepare --help\n',
  );
  expect(line(['synthesize', 'cats', '--out', '/nonexistent/x'])).toBe(
    'error [USAGE]: A value is none of the choices. kind: got "cats", expected one of "listings", "roles", "conversations". See: assay synthesize --help\n',
  );
  expect(line(['mlflow', 'bogus'])).toBe(
    'error [USAGE]: Name an action. Expected: assay mlflow <start|stop|status>. See: assay mlflow --help\n',
  );
  expect(line(['synthesize', 'listings'])).toContain('The option --out is missing. See:');
  expect(line(['serve', 'x', '--prot', '1'])).toContain('Unknown argument: prot. See: assay serve --help');
});

test('doctor gave numbers and flags that only its source explained', () => {
  expect(describeFact('threads', 0)).toMatch(/^all cores \(\d+\)$/);
  expect(describeFact('threads', 2)).toBe('2');
  expect(describeFact('deterministic', false)).toBe('no (set ASSAY_DETERMINISTIC=1)');
  expect(describeFact('deterministic', true)).toBe('yes');
});

test.each([
  ['serve models:/a@b --port 70000', '--port must be a whole number from 0 to 65535'],
  ['serve models:/a@b --port abc', '--port must be a whole number from 0 to 65535, not abc.'],
  ['serve models:/a@b --port=', '--port must be a whole number from 0 to 65535, not .'],
  ['serve models:/a@b --port', 'The option --port needs a value.'],
  ['serve models:/a@b --port 1 --port 2', '--port must be a whole number from 0 to 65535, not 1,2.'],
  ['serve models:/a@b --max-batch 0', '--max-batch must be a whole number from 1 to 4096, not 0.'],
  ['serve models:/a@b --max-body-bytes -1', '--max-body-bytes must be'],
  ['serve listings', "'listings' names no registered version"],
  ['synthesize listings --rows 1.5 --out /nonexistent/x', '--rows must be'],
])('assay %s is a usage error', (command, message) => {
  const { status, stderr } = assay(command.split(' '));
  expect([status, stderr.match(/error \[/g)?.length]).toEqual([2, 1]);
  expect(stderr).toContain(`error [USAGE]: ${message}`);
});

test('the quickstart writes to no folder of the user', async () => {
  await withTempDir((dir) => {
    writeFileSync(join(dir, 'thesis.txt'), 'years of work');
    expect(assay(['quickstart', '--rows', '10', '--data-root', dir]).status).toBe(2);
    expect(readdirSync(dir)).toEqual(['thesis.txt']);
  });
});

test('an address of MLflow that is none is a usage error, and a password in it is never printed', () => {
  const env = { MLFLOW_TRACKING_URI: 'http://ada:s3cret@127.0.0.1:9', ASSAY_MLFLOW_DEADLINE_MS: '300' };
  const { status, stderr, stdout } = assay(['promote', 'listings'], env);
  expect([status, stderr.includes('MLFLOW_UNREACHABLE')]).toEqual([1, true]);
  expect(stderr + stdout).not.toContain('s3cret');
  const none = assay(['promote', 'listings'], { MLFLOW_TRACKING_URI: 'notaurl' });
  expect([none.status, none.stderr.includes('error [USAGE]')]).toEqual([2, true]);
});

test('Ctrl-C ends a training run with 130 and leaves no result', () =>
  withTempDir(async (dir) => {
    const env = makeHome(dir);
    mkdirSync(join(dir, 'toy'));
    writeFileSync(join(dir, 'toy', 'toy.csv'), [HEADER, ...ROWS].join('\n'));
    const config = join(dir, 'toy', 'pipeline.yaml');
    writeFileSync(config, CONFIG.replace('maxEpochs: 3', 'maxEpochs: 1000, patience: 1000'));
    expect(assay(['prepare', config], env).status).toBe(0);
    const child = spawn(process.execPath, [MAIN, 'train', config], { env: { ...process.env, ...env } });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      if (!stderr.includes('epoch 2/')) {
        stderr += chunk.toString();
        if (stderr.includes('epoch 2/')) child.kill('SIGINT');
      } else stderr += chunk.toString();
    });
    const [status] = (await once(child, 'exit')) as [number];
    expect(status).toBe(130);
    expect(stderr).toContain('error [INTERRUPTED]');
    expect(readdirSync(join(dir, 'runs', 'toy'))).not.toContain('train');
  }));

test('Ctrl-C ends a command that waits for a server which never answers', async () => {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo; // it listens on TCP
  const child = spawn(process.execPath, [MAIN, 'promote', 'listings'], {
    env: { ...process.env, MLFLOW_TRACKING_URI: `http://127.0.0.1:${port}` },
  });
  const [socket] = (await once(silent, 'connection')) as [Socket];
  child.kill('SIGINT');
  const [status] = (await once(child, 'exit')) as [number];
  socket.destroy();
  silent.close();
  expect(status).toBe(130);
});

test('a reader that leaves early is no failure', () => {
  const command = `${process.execPath} ${MAIN} config schema | head -n 1`;
  const { status, stderr } = spawnSync('bash', ['-o', 'pipefail', '-c', command], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
});

test('doctor says what is missing and goes on', () =>
  withTempDir((dir) => {
    const { status, stdout } = assay(['doctor', '--json'], { ASSAY_HOME: join(dir, 'not', 'there') });
    const facts = JSON.parse(stdout) as Record<string, unknown>;
    expect(status).toBe(0);
    expect(facts['mlflow']).toBe('local server, not running');
    expect(facts['freeDiskGB']).toBeGreaterThan(0);
  }));

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
    'rollback',
    'versions',
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
