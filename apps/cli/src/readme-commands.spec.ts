import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { distinctName } from '@assay/testing';
import sharp from 'sharp';
import { WORKSPACE } from './cli.fixture.js';

jest.setTimeout(400_000);

/** Commands that run elsewhere, and where. */
const ELSEWHERE: Record<string, string> = {
  'npm start': 'main-job.spec.ts',
  'npm test': 'what runs this file',
  'npx nx run listings:evaluate': 'tools/nx-pipelines/src/nx-run.spec.ts',
  'ASSAY_DEVICE=gpu npm run setup': 'needs 14 GB; tools/setup/setup.test.mjs has its parts',
  'npm run setup': 'CI, before the tests',
  'npm run setup -- --with references': 'CI, before the tests',
  'npx tsc --build libs/graph/tsconfig.lib.json': 'libs/graph/src/readme.spec.ts',
};

/** Pages with commands, in the order in which a reader meets them. */
const PAGES = ['README.md', ...readmesOf('configs'), ...readmesOf('data')];
const OTHER_PAGES = [...readmesOf('libs'), ...readmesOf('apps'), ...readmesOf('tools'), ...pagesOf('docs')];

function readmesOf(folder: string): string[] {
  return pagesOf(folder, (path) => path.endsWith('README.md'));
}

function pagesOf(folder: string, wanted = (path: string): boolean => path.endsWith('.md')): string[] {
  return readdirSync(join(WORKSPACE, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => wanted(path) && !/node_modules|dist|policies/.test(path))
    .map((path) => `${folder}/${path}`)
    .sort();
}

/** Commands of a page: the lines of its shell blocks, and those in its text that begin with `npx` or `npm run`. */
function commandsOf(page: string): string[] {
  const text = readFileSync(join(WORKSPACE, page), 'utf8');
  return [...text.matchAll(/```sh\n([\s\S]*?)```|`((?:npx|npm run) [^`]+)`/g)].flatMap(([, block, inline]) =>
    block === undefined
      ? [inline ?? '']
      : block
          .replaceAll(/\\\n\s*/g, '')
          .split('\n')
          .filter((line) => line !== ''),
  );
}

let dir: string;
let port: number;
let service: ChildProcess | undefined;

// A workspace like a fresh clone after the set-up, whose pipelines train for two epochs and ask for little.
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'assay-readme-'));
  port = await freePort();
  for (const name of ['node_modules', 'package.json', 'nx.json'])
    symlinkSync(join(WORKSPACE, name), join(dir, name));
  mkdirSync(join(dir, '.assay'));
  cpSync(join(WORKSPACE, '.assay/setup.json'), join(dir, '.assay/setup.json'));
  cpSync(join(WORKSPACE, 'configs'), join(dir, 'configs'), { recursive: true });
  for (const name of ['listings', 'roles', 'davidson', 'mediaeval2016'])
    relax(join(dir, 'configs', name, 'pipeline.yaml'));
});
afterAll(() => {
  if (service?.pid !== undefined) process.kill(-service.pid, 'SIGINT'); // as a terminal does: npx hands no signal on
  shell('npx assay mlflow stop');
  rmSync(dir, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: free } = server.address() as AddressInfo; // it listens on TCP
  await new Promise((done) => server.close(done));
  return free;
}

function relax(path: string): void {
  const text = readFileSync(path, 'utf8');
  const relaxed = text
    .replace(/maxEpochs: \d+/, 'maxEpochs: 2')
    .replace(
      / {2}gates:\n(?: +(?:-|#).*\n)+/,
      '  gates: [{ policy: mean, metric: averagePrecision, atLeast: 0 }]\n',
    );
  expect(relaxed).toMatch(/maxEpochs: 2\b[\s\S]*atLeast: 0 }/);
  writeFileSync(path, relaxed);
}

/** What the reader types, on few rows and a free port. */
function adapted(command: string): string {
  return command
    .replace('--rows 2000', '--rows 400')
    .replace(/(localhost:|--port )8080/, `$1${port}`)
    .replace('--data-root DIR', `--data-root ${join(dir, 'downloaded')}`);
}

function shell(command: string): string {
  const { status, stdout, stderr } = spawnSync('bash', ['-c', adapted(command)], {
    cwd: dir,
    encoding: 'utf8',
    env: environment(),
  });
  if (status !== 0) throw new Error(`${command} ended with ${status}:\n${stderr}`);
  return stdout;
}

function environment(): NodeJS.ProcessEnv {
  const { ASSAY_HOME: _home, ASSAY_RUNS: _runs, NODE_OPTIONS: _options, ...env } = process.env;
  return { ...env, MLFLOW_TRACKING_URI: '', ASSAY_THREADS: '2' };
}

/** Starts a service in the background, as a reader does in a second terminal, and waits until it says where it is. */
async function start(command: string): Promise<void> {
  service = spawn('bash', ['-c', `exec ${adapted(command)}`], {
    cwd: dir,
    env: environment(),
    detached: true,
  });
  const [line] = (await once(service.stdout!, 'data')) as [Buffer];
  expect(line.toString()).toContain(String(port));
}

async function runPage(page: string): Promise<Map<string, string>> {
  const outputs = new Map<string, string>();
  for (const command of commandsOf(page)) {
    if (command in ELSEWHERE) continue;
    if (command.startsWith('npx assay serve')) await start(command);
    else outputs.set(command, shell(command));
  }
  return outputs;
}

test('no page shows a command that nothing runs', () => {
  expect(OTHER_PAGES.length).toBeGreaterThan(20);
  const run = new Set(PAGES.flatMap(commandsOf));
  const unknown = OTHER_PAGES.flatMap((page) => commandsOf(page).map((command) => ({ page, command })));
  expect(unknown.filter(({ command }) => !run.has(command) && !(command in ELSEWHERE))).toEqual([]);
});

test('the commands of the README work one after the other, as printed', async () => {
  const outputs = await runPage('README.md');
  const output = (start: string): string =>
    [...outputs].find(([command]) => command.startsWith(start))?.[1] ?? '';
  expect(output('npx assay evaluate')).toMatch(/verdict: pass/);
  expect(output('npx assay mlflow status')).toMatch(/http:\/\/127\.0\.0\.1:\d+/);
  const { model, results } = JSON.parse(output('curl')) as {
    model: { name: string };
    results: { decisions: { policy: string }[] }[];
  };
  expect(model.name).toBe('listings');
  expect(results[0]?.decisions.map(({ policy }) => policy)).toEqual([
    'weapons',
    'counterfeit',
    'unsafe_claim',
  ]);
});

test("the README's pipeline for one's own data goes from prepare to promote", async () => {
  const yaml = /```yaml\n([\s\S]*?)```/.exec(readFileSync(join(WORKSPACE, 'README.md'), 'utf8'))?.[1] ?? '';
  const path = 'configs/mine/pipeline.yaml';
  for (const folder of ['configs/mine', 'data/mine/photos'])
    mkdirSync(join(dir, folder), { recursive: true });
  writeFileSync(join(dir, path), yaml);
  await writeOwnListings();
  for (const stage of ['prepare', 'train', 'evaluate', 'publish'])
    shell(`npx assay ${stage} ${path} --set train.maxEpochs=2`);
  expect(JSON.parse(shell('npx assay promote mine --reason first'))).toMatchObject({ version: '1' });
});

test('the commands of roles work', async () => {
  const outputs = await runPage('configs/roles/README.md');
  expect([...outputs.values()].at(-1)).toMatch(/verdict: pass/);
});

describe.each(['davidson', 'mediaeval2016'])('%s', (name) => {
  test('its commands work on a small file of the same layout', async () => {
    rmSync(join(dir, 'downloaded'), { recursive: true, force: true });
    mkdirSync(join(dir, 'downloaded', 'images'), { recursive: true });
    await (name === 'davidson' ? writeTweets() : writePosts());
    const outputs = await runPage(`configs/${name}/README.md`);
    expect([...outputs.values()].at(-1)).toMatch(/verdict: pass/);
    expect(commandsOf(`data/${name}/README.md`)).toEqual([...outputs.keys()].slice(0, 1));
  });
});

/** 300 listings of 60 sellers, each with own photos: every third listing is spam, which text and photo tell. */
async function writeOwnListings(): Promise<void> {
  const rows = Array.from({ length: 300 }, (_, i) => {
    const [seller, spam] = [i % 60, i % 3 === 0];
    const photo = `photos/s${seller}.jpg`; // 60 is a multiple of 3, so that a seller's listings are alike
    const label = i % 20 === 19 ? '' : Number(spam);
    return `l${i},${spam ? 'buy cheap pills' : 'warm wool scarf'} ${distinctName(i)},${photo},${5 + (i % 40)},s${seller},${label}`;
  });
  const header = 'listing_id,title,photos,price,seller_id,is_spam';
  writeFileSync(join(dir, 'data/mine/listings.csv'), `${[header, ...rows].join('\n')}\n`);
  for (let seller = 0; seller < 60; seller++) {
    const background = { r: seller % 3 === 0 ? 220 : 30, g: 4 * seller, b: 90 };
    await sharp({ create: { width: 30, height: 20, channels: 3, background } })
      .jpeg()
      .toFile(join(dir, 'data/mine/photos', `s${seller}.jpg`));
  }
}

function writeTweets(): void {
  const rows = Array.from({ length: 150 }, (_, i) => {
    const label = ['hate', 'offensive', 'neither'][i % 3]!;
    return `${i},"words of kind ${label}, ${distinctName(i)}",${label},${[0, 1, 2].map((k) => (k === i % 3 ? 3 : 0)).join(',')}`;
  });
  const header = 'id,text,label,votes_hate,votes_offensive,votes_neither';
  writeFileSync(join(dir, 'downloaded/tweets.csv'), `${[header, ...rows].join('\n')}\n`);
}

async function writePosts(): Promise<void> {
  const { loadConfig } = await import('@assay/config');
  const { config } = loadConfig(join(dir, 'configs/mediaeval2016/pipeline.yaml'));
  const { numeric } = config.data.columns;
  const rows = Array.from({ length: 150 }, (_, i) => {
    const event = i % 15;
    const image = i % 3 === 0 ? '' : `images/${event}.jpg`;
    const split = event < 10 ? 'dev' : 'test';
    return [
      i,
      `post ${distinctName(i)} of event ${event}`,
      image,
      `event${event}`,
      ...numeric.map((_name, k) => (i * (k + 1)) % 7),
      i % 2 ? 'fake' : 'real',
      split,
    ].join(',');
  });
  const header = ['post_id', 'text', 'images', 'event', ...numeric, 'label', 'official_split'].join(',');
  writeFileSync(join(dir, 'downloaded/posts.csv'), `${[header, ...rows].join('\n')}\n`);
  for (let event = 0; event < 15; event++) {
    const background = { r: event * 16, g: 255 - event * 16, b: 128 };
    await sharp({ create: { width: 20, height: 30, channels: 3, background } })
      .jpeg()
      .toFile(join(dir, 'downloaded/images', `${event}.jpg`));
  }
}
