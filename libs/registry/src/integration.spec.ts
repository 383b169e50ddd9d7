import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { ensureLocalServer, stopLocalServer } from '@assay/mlflow-server';
import { referencePython, withReferences } from '@assay/testing';
import { MlflowClient, MlflowError } from 'mlflow-client-ts';
import type { AssembledBundle } from './assemble-bundle.js';
import { BUNDLE_MANIFEST_FILE } from './bundle-manifest.js';
import { ChampionLedger } from './champion-ledger.js';
import { openBundle } from './open-bundle.js';
import { promote, rollback } from './promote.js';
import { publish } from './publish.js';
import { pull } from './pull.js';
import { TAGS } from './tag-names.js';
import { tinyBundle } from './tiny-bundle.fixture.js';

const WORKSPACE = resolve(__dirname, '../../..');
const ASSAY_HOME = process.env['ASSAY_HOME'] ?? join(WORKSPACE, '.assay');
const who = { actor: 'ada', reason: 'test' };

/** The real server; everything below speaks HTTP with it. */
describe('registry on a real MLflow server', () => {
  let dir: string;
  let home: string;
  let uri: string;
  let client: MlflowClient;
  let good: AssembledBundle;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'assay-registry-'));
    home = join(dir, 'home');
    ({ uri } = await ensureLocalServer({ home, setupHome: ASSAY_HOME }));
    client = new MlflowClient({ baseUrl: uri });
    good = await tinyBundle(join(dir, 'good'));
  }, 120_000);
  afterAll(async () => {
    await stopLocalServer({ home });
    rmSync(dir, { recursive: true, force: true });
  }, 30_000);

  afterEach(() => jest.restoreAllMocks());

  const cacheDir = (): string => join(dir, 'cache');
  const versionsOf = async (name: string): Promise<string[]> => {
    const versions: string[] = [];
    for await (const { version } of client.modelVersions.search({ filter: `name = '${name}'` }))
      versions.push(version);
    return versions.sort();
  };

  it('registers a bundle once, however often it is published', async () => {
    const options = {
      client,
      bundleDir: good.bundleDir,
      registeredModel: 'once',
      history: [
        { epoch: 1, metrics: { validation_loss: 0.5 } },
        { epoch: 2, metrics: { validation_loss: 0.25 } },
      ],
      metrics: { test_average_precision: 0.75 },
      actor: 'ada',
    };
    const first = await publish(options);
    const second = await publish(options);
    expect(first).toMatchObject({
      modelName: 'once',
      version: '1',
      manifestDigest: good.manifestDigest,
      reused: false,
    });
    expect(second).toEqual({ ...first, reused: true });
    expect(first.modelId).toMatch(/^m-[0-9a-f]+$/);
    expect(await versionsOf('once')).toEqual(['1']);
    const { tags } = await client.modelVersions.get('once', '1');
    expect(tags).toMatchObject({
      [TAGS.manifestDigest]: good.manifestDigest,
      [TAGS.verdict]: 'pass',
      [TAGS.pipeline]: 'tiny',
    });
    expect((await client.registeredModels.getAlias('once', 'candidate')).version).toBe('1');
  }, 60_000);

  it('completes a publish that was killed while it uploaded', async () => {
    const own = await tinyBundle(join(dir, 'killed'), { priceWeight: 6 });
    const upload = client.artifacts.uploadFile.bind(client.artifacts);
    let left = 8;
    const killed = jest.spyOn(client.artifacts, 'uploadFile').mockImplementation((...args) => {
      left -= 1;
      return left < 0 ? Promise.reject(new Error('killed')) : upload(...args);
    });
    const options = { client, bundleDir: own.bundleDir, registeredModel: 'killed' };
    await expect(publish(options)).rejects.toThrow('killed');
    killed.mockRestore();
    expect(await versionsOf('killed')).toEqual([]);
    await expect(publish(options)).resolves.toMatchObject({ version: '1', reused: false });
    const pulled = await pull({ client, uri: 'models:/killed/1', cacheDir: join(dir, 'cache-killed') });
    expect(pulled.manifestDigest).toBe(own.manifestDigest);
  }, 60_000);

  it('ends the run of a publish that was killed after it made the version', async () => {
    const killed = jest.spyOn(client.runs, 'update').mockRejectedValue(new Error('killed'));
    const own = await tinyBundle(join(dir, 'unfinished'), { priceWeight: 8 });
    const options = { client, bundleDir: own.bundleDir, registeredModel: 'unfinished' };
    await expect(publish(options)).rejects.toThrow('killed');
    killed.mockRestore();
    const { runId } = await publish(options);
    expect((await client.runs.get(runId)).info.status).toBe('FINISHED');
  }, 60_000);

  it('refuses to publish a model of leaking data, and a bundle with a flipped byte', async () => {
    const leaky = await tinyBundle(join(dir, 'leaky'), {
      verdict: { verdict: 'fail', leaky: true, reasons: [] },
    });
    await expect(
      publish({ client, bundleDir: leaky.bundleDir, registeredModel: 'leaky' }),
    ).rejects.toMatchObject({ code: 'GATE_FAILED', exitStatus: 3 });
    const broken = join(dir, 'broken');
    cpSync(good.bundleDir, broken, { recursive: true });
    flipByte(join(broken, 'saved_model', 'saved_model.pb'));
    await expect(publish({ client, bundleDir: broken, registeredModel: 'broken' })).rejects.toMatchObject({
      code: 'BUNDLE_CORRUPT',
    });
    expect(await versionsOf('broken')).toEqual([]);
  }, 60_000);

  it('pulls what was published, and repairs a damaged copy', async () => {
    await publish({ client, bundleDir: good.bundleDir, registeredModel: 'pulled' });
    const pulled = await pull({ client, uri: 'models:/pulled@candidate', cacheDir: cacheDir() });
    expect(pulled).toMatchObject({
      dir: join(cacheDir(), good.manifestDigest),
      name: 'pulled',
      version: '1',
      manifestDigest: good.manifestDigest,
    });
    expect((await openBundle(pulled.dir)).labels.names).toEqual(['weapons', 'fraud']);
    flipByte(join(pulled.dir, 'labels.json'));
    await pull({ client, uri: 'models:/pulled/1', cacheDir: cacheDir() });
    await expect(openBundle(pulled.dir, good.manifestDigest)).resolves.toMatchObject({ pipeline: 'tiny' });
  }, 60_000);

  it('pulls and opens as its README shows', async () => {
    const example =
      /```ts\n([^`]+)```/.exec(readFileSync(join(__dirname, '../README.md'), 'utf8'))?.[1] ?? '';
    for (const line of example.trim().split('\n')) expect(readFileSync(__filename, 'utf8')).toContain(line);
    await publish({ client, bundleDir: good.bundleDir, registeredModel: 'readme' });
    const options = { client, uri: 'models:/readme@candidate', cacheDir: cacheDir() };
    {
      const { client, uri, cacheDir } = options; // an MlflowClient, e.g. models:/listings@champion, a folder
      const { dir, version, manifestDigest } = await pull({ client, uri, cacheDir });
      const { operatingPoints, preprocessor, savedModelDir } = await openBundle(dir, manifestDigest);
      expect(version).toBe('1');
      expect(operatingPoints.policies).toHaveLength(2);
      expect(preprocessor.inputSpecs.token_BL?.shape).toEqual([3]);
      expect(existsSync(savedModelDir)).toBe(true);
    }
  }, 60_000);

  it('refuses a bundle whose file was changed in the registry, and leaves nothing in the cache', async () => {
    const own = await tinyBundle(join(dir, 'tampered'), { priceWeight: 5 }); // files of equal bundles are shared
    await publish({ client, bundleDir: own.bundleDir, registeredModel: 'tampered' });
    const { artifactUri } = await client.resolveModelUri('models:/tampered/1');
    const other = join(dir, 'labels.json');
    writeFileSync(
      other,
      readFileSync(join(good.bundleDir, 'labels.json'), 'utf8').replace('weapons', 'weapens'),
    );
    await client.artifacts.uploadFile(artifactUri, other, 'labels.json');
    const cache = join(dir, 'cache-tampered');
    await expect(pull({ client, uri: 'models:/tampered/1', cacheDir: cache })).rejects.toMatchObject({
      code: 'BUNDLE_CORRUPT',
      message: expect.stringContaining('labels.json') as string,
    });
    expect(existsSync(cache) ? readdirSync(cache).filter((name) => !name.endsWith('.lock')) : []).toEqual([]);
  }, 60_000);

  it('says what is missing', async () => {
    await expect(
      pull({ client, uri: 'models:/absent@champion', cacheDir: cacheDir() }),
    ).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
    await expect(pull({ client, uri: 'models:/once@absent', cacheDir: cacheDir() })).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
    });
    await expect(promote({ client, model: 'absent', version: '1', ...who })).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
    });
    const nobody = new MlflowClient({ baseUrl: 'http://127.0.0.1:9', deadlineMs: 500 });
    await expect(pull({ client: nobody, uri: 'models:/once/1', cacheDir: cacheDir() })).rejects.toMatchObject(
      { code: 'MLFLOW_UNREACHABLE' },
    );
  }, 60_000);

  it('promotes only what passed its own gates, whatever the tags say', async () => {
    const failed = await tinyBundle(join(dir, 'failed'), {
      verdict: { verdict: 'fail', leaky: false, reasons: ['too weak'] },
    });
    await publish({ client, bundleDir: failed.bundleDir, registeredModel: 'gated' });
    await client.modelVersions.setTag('gated', '1', TAGS.verdict, 'pass');
    await expect(promote({ client, model: 'gated', version: 'candidate', ...who })).rejects.toMatchObject({
      code: 'GATE_FAILED',
      message: expect.stringContaining('too weak') as string,
    });
  }, 60_000);

  it('moves champion and previous, keeps the history, and rolls back', async () => {
    const better = await tinyBundle(join(dir, 'better'), { priceWeight: 2 });
    await publish({ client, bundleDir: good.bundleDir, registeredModel: 'moved' });
    await publish({ client, bundleDir: better.bundleDir, registeredModel: 'moved' });
    await expect(promote({ client, model: 'moved', version: '1', ...who })).resolves.toMatchObject({
      generation: 1,
      previous: null,
    });
    await expect(promote({ client, model: 'moved', version: 'candidate', ...who })).resolves.toMatchObject({
      version: '2',
      generation: 2,
      previous: '1',
    });
    await expect(promote({ client, model: 'moved', version: '2', ...who })).resolves.toMatchObject({
      generation: 2,
      unchanged: true,
    });
    expect((await client.registeredModels.getAlias('moved', 'previous')).version).toBe('1');
    await expect(rollback({ client, model: 'moved', ...who })).resolves.toMatchObject({
      version: '1',
      generation: 3,
      previous: '2',
    });
    expect((await client.registeredModels.getAlias('moved', 'champion')).version).toBe('1');
    const { tags } = await client.registeredModels.get('moved');
    expect(JSON.parse(tags[`${TAGS.aliasHistory}2`] ?? 'null')).toMatchObject({
      alias: 'champion',
      from: '1',
      to: '2',
      actor: 'ada',
      reason: 'test',
    });
  }, 60_000);

  it('lets exactly one of several racing promotions win, and the alias follows it', async () => {
    const better = await tinyBundle(join(dir, 'racer'), { priceWeight: 3 });
    await publish({ client, bundleDir: good.bundleDir, registeredModel: 'raced' });
    await publish({ client, bundleDir: better.bundleDir, registeredModel: 'raced' });
    const outcomes = await Promise.allSettled(
      ['1', '2'].map((version) => promote({ client, model: 'raced', version, ...who })),
    );
    const winners = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    const losers = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
    );
    // Both may win, one after the other, when one was slower than the whole move of the other.
    expect(new Set(winners.map(({ generation }) => generation)).size).toBe(winners.length);
    expect(winners.length).toBeGreaterThan(0);
    for (const loser of losers) expect(loser).toMatchObject({ code: 'PROMOTION_CONFLICT' });
    const last = winners.sort((a, b) => b.generation - a.generation)[0]!;
    expect((await client.registeredModels.getAlias('raced', 'champion')).version).toBe(last.version);
  }, 60_000);

  it('lets exactly one of eight writers take a generation, also when all open the ledger for the first time', async () => {
    const versions = ['1', '2', '3', '4', '5', '6', '7', '8'];
    const ledgers = versions.map(() => new ChampionLedger(client, 'fought-over'));
    const claim = { manifestDigest: 'm', verdictDigest: 'v', at: '2026-01-02T03:04:05.000Z', ...who };
    const outcomes = await Promise.allSettled(
      ledgers.map((ledger, i) => ledger.append({ version: versions[i]!, ...claim }, undefined)),
    );
    const winners = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    expect(winners).toHaveLength(1);
    for (const ledger of ledgers) expect(await ledger.entries()).toEqual(winners);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'PROMOTION_CONFLICT' });
    }
  }, 60_000);

  it('repairs an alias that somebody moved past the ledger', async () => {
    await publish({ client, bundleDir: good.bundleDir, registeredModel: 'bypassed' });
    const other = await tinyBundle(join(dir, 'bypass'), { priceWeight: 4 });
    await publish({ client, bundleDir: other.bundleDir, registeredModel: 'bypassed' });
    await promote({ client, model: 'bypassed', version: '1', ...who });
    await client.registeredModels.setAlias('bypassed', 'champion', '2');
    const pulled = await pull({ client, uri: 'models:/bypassed@champion', cacheDir: cacheDir() });
    expect(pulled).toMatchObject({ version: '1', manifestDigest: good.manifestDigest });
    await promote({ client, model: 'bypassed', version: '1', ...who });
    expect((await client.registeredModels.getAlias('bypassed', 'champion')).version).toBe('1');
  }, 60_000);

  it('does not serve as champion what no promotion made one, nor a version whose digest was changed since', async () => {
    await publish({ client, bundleDir: good.bundleDir, registeredModel: 'unpromoted' });
    await client.registeredModels.setAlias('unpromoted', 'champion', '1');
    const options = { client, uri: 'models:/unpromoted@champion', cacheDir: cacheDir() };
    await expect(pull(options)).rejects.toMatchObject({ code: 'GATE_FAILED' });
    await promote({ client, model: 'unpromoted', version: '1', ...who });
    await expect(pull(options)).resolves.toMatchObject({ version: '1' });
    await client.modelVersions.setTag('unpromoted', '1', TAGS.manifestDigest, 'a'.repeat(64));
    await expect(pull(options)).rejects.toMatchObject({ code: 'BUNDLE_CORRUPT' });
  }, 60_000);

  it('refuses to overwrite a promotion that came after its decision', async () => {
    const other = await tinyBundle(join(dir, 'unseen'), { priceWeight: 7 });
    await publish({ client, bundleDir: good.bundleDir, registeredModel: 'unseen' });
    await publish({ client, bundleDir: other.bundleDir, registeredModel: 'unseen' });
    const download = client.artifacts.downloadFile.bind(client.artifacts);
    const during = jest.spyOn(client.artifacts, 'downloadFile').mockImplementationOnce(async (...args) => {
      await promote({ client, model: 'unseen', version: '2', ...who });
      return download(...args);
    });
    await expect(promote({ client, model: 'unseen', version: '1', ...who })).rejects.toMatchObject({
      code: 'PROMOTION_CONFLICT',
    });
    during.mockRestore();
    expect((await client.registeredModels.getAlias('unseen', 'champion')).version).toBe('2');
  }, 60_000);

  it('loses no history when a promotion is killed after it entered the ledger', async () => {
    await publish({ client, bundleDir: good.bundleDir, registeredModel: 'cut-off' });
    const killed = jest.spyOn(client.registeredModels, 'setTag').mockRejectedValue(new Error('killed'));
    const now = (): Date => new Date('2026-01-02T03:04:05.000Z');
    await expect(promote({ client, model: 'cut-off', version: '1', ...who, now })).rejects.toThrow('killed');
    killed.mockRestore();
    const again = { client, model: 'cut-off', version: '1', actor: 'bob', reason: 'again' };
    await expect(promote(again)).resolves.toMatchObject({ unchanged: true });
    const { tags } = await client.registeredModels.get('cut-off');
    expect(JSON.parse(tags[`${TAGS.aliasHistory}1`] ?? 'null')).toEqual({
      alias: 'champion',
      from: null,
      to: '1',
      at: '2026-01-02T03:04:05.000Z',
      ...who,
      manifestDigest: good.manifestDigest,
      verdictDigest: (await client.modelVersions.get('cut-off', '1')).tags[TAGS.verdictDigest],
    });
  }, 60_000);

  it('promotes and rolls back past champions whose versions were deleted', async () => {
    const model = 'thinned';
    for (const priceWeight of [1.5, 8, 9, 10]) {
      const { bundleDir } = await tinyBundle(join(dir, `thinned-${priceWeight}`), { priceWeight });
      await publish({ client, bundleDir, registeredModel: model });
    }
    for (const version of ['1', '2', '3']) await promote({ client, model, version, ...who });
    await client.modelVersions.delete(model, '2');
    await promote({ client, model, version: '3', ...who });
    expect((await client.registeredModels.get(model)).aliases).toMatchObject({
      champion: '3',
      previous: '1',
    });
    await client.modelVersions.delete(model, '3');
    await expect(promote({ client, model, version: '4', ...who })).resolves.toMatchObject({ generation: 4 });
    await expect(rollback({ client, model, ...who })).resolves.toMatchObject({ version: '1', generation: 5 });
    await client.modelVersions.delete(model, '4');
    await promote({ client, model, version: '1', ...who });
    expect((await client.registeredModels.get(model)).aliases).toEqual({ champion: '1' });
    await expect(rollback({ client, model, ...who })).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
  }, 120_000);

  it('does not take version 1 of a model that was made again for the champion of the deleted one', async () => {
    const model = 'reborn';
    await publish({ client, bundleDir: good.bundleDir, registeredModel: model });
    await promote({ client, model, version: '1', ...who });
    await client.registeredModels.delete(model);
    const other = await tinyBundle(join(dir, 'reborn'), { priceWeight: 11 });
    await publish({ client, bundleDir: other.bundleDir, registeredModel: model });
    await expect(promote({ client, model, version: '1', ...who })).resolves.toMatchObject({
      generation: 2,
      unchanged: false,
    });
    expect((await client.registeredModels.get(model)).aliases).toEqual({ candidate: '1', champion: '1' });
  }, 60_000);

  it('points candidate at what was published last, also when that is an older version', async () => {
    const other = await tinyBundle(join(dir, 'newer'), { priceWeight: 12 });
    const candidate = async (): Promise<string> =>
      (await client.registeredModels.getAlias('again', 'candidate')).version;
    const publishes: [string, string][] = [
      [good.bundleDir, '1'],
      [other.bundleDir, '2'],
      [good.bundleDir, '1'],
    ];
    for (const [bundleDir, version] of publishes) {
      await publish({ client, bundleDir, registeredModel: 'again' });
      expect(await candidate()).toBe(version);
    }
  }, 60_000);

  it('heals a copy whose manifest became a folder', async () => {
    await publish({ client, bundleDir: good.bundleDir, registeredModel: 'healed' });
    const options = { client, uri: 'models:/healed/1', cacheDir: join(dir, 'cache-healed') };
    const { dir: copy } = await pull(options);
    rmSync(join(copy, BUNDLE_MANIFEST_FILE));
    mkdirSync(join(copy, BUNDLE_MANIFEST_FILE));
    await expect(openBundle(copy)).rejects.toMatchObject({ code: 'BUNDLE_CORRUPT' });
    await pull(options);
    await expect(openBundle(copy, good.manifestDigest)).resolves.toMatchObject({ pipeline: 'tiny' });
  }, 60_000);

  it('says that the disk is full, not that the server is silent', async () => {
    await publish({ client, bundleDir: good.bundleDir, registeredModel: 'full' });
    const cause = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    const full = new MlflowError('The file could not be written.', { kind: 'file', cause });
    jest.spyOn(client.artifacts, 'downloadDirectory').mockRejectedValue(full);
    jest.spyOn(client.artifacts, 'downloadFile').mockRejectedValue(full);
    const options = { client, uri: 'models:/full/1', cacheDir: join(dir, 'cache-full') };
    await expect(pull(options)).rejects.toMatchObject({ code: 'DISK_FULL' });
    await expect(promote({ client, model: 'full', version: '1', ...who })).rejects.toMatchObject({
      code: 'DISK_FULL',
    });
  }, 60_000);

  (withReferences ? it : it.skip)(
    'gives the golden logits in Python through mlflow.tensorflow.load_model',
    async () => {
      await publish({ client, bundleDir: good.bundleDir, registeredModel: 'python' });
      const { stdout } = await promisify(execFile)(referencePython(), [
        join(__dirname, '../scripts/check_golden.py'),
        'models:/python@candidate',
        uri,
      ]);
      expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({ records: 12 });
    },
    120_000,
  );
});

function flipByte(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(path, bytes);
}
