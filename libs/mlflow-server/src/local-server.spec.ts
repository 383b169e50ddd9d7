import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MlflowClient, MlflowError } from 'mlflow-client-ts';
import { processStartTime } from '@assay/core';
import { withTempDir } from '@assay/testing';
import { anyFreePort } from './free-port.js';
import { answersWithin, launch } from './launch.js';
import { membersOf } from './process-group.js';
import type { ServerState } from './server-state.js';
import { ensureLocalServer, localServerStatus, stopLocalServer } from './index.js';

jest.setTimeout(120_000);

const SETUP = join(__dirname, '../../../.assay');
let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'assay-mlflow-'));
  copyFileSync(join(SETUP, 'setup.json'), join(home, 'setup.json')); // fails when the set-up has not run: npm run setup
});
afterAll(async () => {
  await stopLocalServer({ home });
  rmSync(home, { recursive: true, force: true });
});

/** Process groups that run for this home; the pid of a server is its group. */
const groups = (): number[] => [
  ...new Set(membersOf(`ASSAY_MLFLOW_HOME=${join(home, 'mlflow')}`).map(({ group }) => group)),
];

test('two callers at once get one server, and a third finds it', async () => {
  const [a, b] = await Promise.all([ensureLocalServer({ home }), ensureLocalServer({ home })]);
  expect([a.started, b.started].sort()).toEqual([false, true]);
  expect(b.pid).toBe(a.pid);
  expect(await ensureLocalServer({ home })).toMatchObject({ pid: a.pid, uri: a.uri, started: false });
  expect(await localServerStatus({ home })).toEqual({ running: true, uri: a.uri, pid: a.pid, port: a.port });
});

test('a killed launcher leaves an orphan that still serves; the next call ends it, starts anew, and nothing stored is lost', async () => {
  const before = await ensureLocalServer({ home });
  const { experimentId } = await new MlflowClient({ baseUrl: before.uri }).experiments.create('kept');
  process.kill(before.pid, 'SIGKILL');
  while ((await localServerStatus({ home })).running) await sleep(20); // the kernel takes its time to end it
  const after = await ensureLocalServer({ home });
  expect(after.started).toBe(true);
  expect(after.port).toBe(before.port);
  expect(groups()).toEqual([after.pid]);
  expect(await new MlflowClient({ baseUrl: after.uri }).experiments.getByName('kept')).toMatchObject({
    experimentId,
  });
});

test('a server that stalls for three seconds is not killed under its other users', async () => {
  const before = await ensureLocalServer({ home });
  process.kill(-before.pid, 'SIGSTOP');
  const wakeUp = setTimeout(() => process.kill(-before.pid, 'SIGCONT'), 3000);
  try {
    expect(await ensureLocalServer({ home })).toMatchObject({ pid: before.pid, started: false });
    expect(groups()).toEqual([before.pid]);
  } finally {
    clearTimeout(wakeUp);
    process.kill(-before.pid, 'SIGCONT');
  }
});

test('a damaged state file of a running server leaves no second server on the same database', async () => {
  const damage = (): void => writeFileSync(join(home, 'mlflow', 'server.json'), '{"pid":');
  await ensureLocalServer({ home });
  damage();
  const after = await ensureLocalServer({ home });
  expect(after.started).toBe(true);
  expect(groups()).toEqual([after.pid]);
  damage();
  expect(await stopLocalServer({ home })).toEqual({ stopped: true });
  expect(groups()).toEqual([]);
});

test('a server that never answers is given up after several tries, and at once when its launcher has ended', async () => {
  let tries = 0;
  const silent = createServer(() => tries++);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  const state: ServerState = {
    schemaVersion: 1,
    pid: process.pid,
    startTime: processStartTime(process.pid)!,
    port,
  };
  try {
    expect(await answersWithin(state, 2500)).toBe(false);
    expect(tries).toBe(2); // each waits for 2 s
    expect(await answersWithin({ ...state, startTime: '1' }, 60_000)).toBe(false);
    expect(tries).toBe(2);
  } finally {
    silent.closeAllConnections();
    silent.close();
  }
});

test('what runs without a state file is asked to end and may finish what it writes, before it is killed', () =>
  withTempDir(async (dir) => {
    const script = `process.on('SIGTERM', () => setTimeout(() => {
      require('node:fs').writeFileSync('written', '');
      process.exit();
    }, 500));
    setInterval(() => {}, 1000);
    console.log('ready');`;
    const env = { ...process.env, ASSAY_MLFLOW_HOME: join(dir, 'mlflow') };
    const stray = spawn(process.execPath, ['-e', script], {
      cwd: dir,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(stray.stdout, 'data');
    await expect(ensureLocalServer({ home: dir })).rejects.toMatchObject({ code: 'MLFLOW_START_FAILED' });
    expect(existsSync(join(dir, 'written'))).toBe(true);
  }));

test('a relative home is the same one', async () => {
  const { uri } = await ensureLocalServer({ home: relative(process.cwd(), home) });
  await expect(new MlflowClient({ baseUrl: uri }).experiments.getByName('kept')).resolves.toMatchObject({
    name: 'kept',
  });
  expect(await ensureLocalServer({ home })).toMatchObject({ uri, started: false });
});

describe('the client against the real server', () => {
  let client: MlflowClient;
  let experimentId: string;
  beforeAll(async () => {
    client = new MlflowClient({ baseUrl: (await ensureLocalServer({ home })).uri });
    ({ experimentId } = await client.experiments.getOrCreate('client'));
  });

  test('getOrCreate finds what it made, and health and version answer', async () => {
    expect(await client.experiments.getOrCreate('client')).toMatchObject({ experimentId });
    expect(await client.isHealthy()).toBe(true);
    expect(await client.serverVersion()).toBe('3.17.2');
  });

  test('a batch over every limit is split, and each point, param and tag is stored once', async () => {
    const { info } = await client.runs.create({ experimentId, runName: 'batch', tags: { team: 'trust' } });
    const metrics = Array.from({ length: 2500 }, (_, step) => ({
      key: 'loss',
      value: 1 / (step + 1),
      step,
      timestamp: 1000 + step,
    }));
    const params = Array.from({ length: 150 }, (_, i) => ({ key: `p${i}`, value: String(i) }));
    await client.runs.logBatch(info.runId, {
      metrics: [...metrics, { key: 'odd', value: Number.NaN, step: 0, timestamp: 1 }],
      params,
    });
    await client.runs.update(info.runId, { status: 'FINISHED' });
    const history = [];
    for await (const point of client.runs.metricHistory(info.runId, 'loss', { pageSize: 700 }))
      history.push(point.step);
    expect(history.sort((a, b) => a - b)).toEqual(metrics.map(({ step }) => step));
    const run = await client.runs.get(info.runId);
    expect(run.data.params).toEqual(Object.fromEntries(params.map(({ key, value }) => [key, value])));
    expect(run.data.metrics['odd']).toBeNaN();
    expect(run.data.tags['team']).toBe('trust');
    expect(run.info.status).toBe('FINISHED');
  });

  test('a search walks every page', async () => {
    const { experimentId: many } = await client.experiments.create('pages');
    for (let i = 0; i < 7; i++) await client.runs.create({ experimentId: many, runName: `run ${i}` });
    const names = [];
    for await (const { info } of client.runs.search({ experimentIds: [many], pageSize: 3 }))
      names.push(info.runName);
    expect(names.sort()).toEqual(Array.from({ length: 7 }, (_, i) => `run ${i}`));
  });

  test('a folder goes up and comes down byte by byte, with names that need encoding and a file that is empty', () =>
    withTempDir(async (dir) => {
      const { info } = await client.runs.create({ experimentId });
      const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, i) => i % 251));
      writeFileSync(join(dir, 'plain.bin'), bytes);
      await client.artifacts.uploadFile(info.artifactUri, join(dir, 'plain.bin'), 'deep/with space & ü.bin');
      await client.artifacts.uploadFile(info.artifactUri, join(dir, 'plain.bin'), 'top.bin');
      writeFileSync(join(dir, 'empty.md'), '');
      await client.artifacts.uploadFile(info.artifactUri, join(dir, 'empty.md'), 'deep/empty.md');
      expect(
        (await client.artifacts.listRecursively(info.artifactUri)).map(({ path, sizeBytes }) => [
          path,
          sizeBytes,
        ]),
      ).toEqual([
        ['deep/empty.md', 0],
        ['deep/with space & ü.bin', 70_000],
        ['top.bin', 70_000],
      ]);
      await client.artifacts.downloadDirectory(info.artifactUri, join(dir, 'down'));
      expect(readFileSync(join(dir, 'down', 'deep', 'with space & ü.bin')).equals(bytes)).toBe(true);
      expect(readFileSync(join(dir, 'down', 'deep', 'empty.md'))).toHaveLength(0);
      await expect(
        client.artifacts.downloadFile(info.artifactUri, 'none.bin', join(dir, 'none')),
      ).rejects.toMatchObject({ status: 404 });
    }));

  test('a registered model, its version and alias; what is missing is an http error', async () => {
    const { info } = await client.runs.create({ experimentId });
    const model = await client.loggedModels.create({
      experimentId,
      name: 'm',
      sourceRunId: info.runId,
      tags: { a: 'b' },
    });
    expect((await client.loggedModels.finalize(model.modelId, 'LOGGED_MODEL_READY')).status).toBe(
      'LOGGED_MODEL_READY',
    );
    await client.registeredModels.getOrCreate('toy');
    const { version } = await client.modelVersions.create({
      name: 'toy',
      source: `models:/${model.modelId}`,
      runId: info.runId,
      modelId: model.modelId,
      tags: { digest: 'd' },
    });
    await client.registeredModels.setAlias('toy', 'champion', version);
    expect(await client.resolveModelUri('models:/toy@champion')).toMatchObject({
      name: 'toy',
      version,
      modelId: model.modelId,
      tags: { digest: 'd' },
    });
    expect((await client.registeredModels.get('toy')).aliases).toEqual({ champion: version });
    await expect(client.resolveModelUri('models:/toy@none')).rejects.toBeInstanceOf(MlflowError);
    await expect(client.resolveModelUri('models:/nobody/1')).rejects.toMatchObject({
      kind: 'http',
      errorCode: 'RESOURCE_DOES_NOT_EXIST',
    });
  });
});

test('stop ends every process, and a second stop says that nothing ran', async () => {
  await ensureLocalServer({ home });
  expect(await stopLocalServer({ home })).toEqual({ stopped: true });
  expect(groups()).toEqual([]);
  expect(await stopLocalServer({ home })).toEqual({ stopped: false });
  expect(await localServerStatus({ home })).toEqual({ running: false });
});

test('without the set-up it says how to install the server', () =>
  withTempDir(async (empty) => {
    await expect(ensureLocalServer({ home: empty })).rejects.toMatchObject({
      code: 'MLFLOW_START_FAILED',
      message: expect.stringContaining('npm run setup') as string,
    });
  }));

test('a server that does not answer in time is not said to have ended by itself', () =>
  withTempDir(async (dir) => {
    mkdirSync(join(dir, 'bin'));
    writeFileSync(
      join(dir, 'setup.json'),
      JSON.stringify({ python: { mlflow: join(dir, 'bin', 'python') } }),
    );
    writeFileSync(join(dir, 'bin', 'mlflow'), '#!/bin/sh\nexec sleep 60\n', { mode: 0o755 });
    const options = { home: dir, setupHome: dir, port: await anyFreePort(), readyTimeoutMs: 200 };
    await expect(launch(options, () => Promise.resolve())).rejects.toMatchObject({
      code: 'MLFLOW_START_FAILED',
      message: expect.stringContaining('did not answer within 0.2 s') as string,
    });
  }));

test('a server that cannot start gives the end of its log', () =>
  withTempDir(async (broken) => {
    const python = join(broken, 'bin', 'python');
    writeFileSync(join(broken, 'setup.json'), JSON.stringify({ python: { mlflow: python } }));
    mkdirSync(join(broken, 'bin'));
    writeFileSync(join(broken, 'bin', 'mlflow'), '#!/bin/sh\necho no module named flask\nexit 1\n', {
      mode: 0o755,
    });
    await expect(ensureLocalServer({ home: broken })).rejects.toMatchObject({
      code: 'MLFLOW_START_FAILED',
      message: expect.stringContaining('no module named flask') as string,
    });
  }));
