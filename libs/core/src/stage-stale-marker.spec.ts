import { once } from 'node:events';
import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withTempDir } from '@assay/testing';
import { AssayError } from './assay-error.js';
import { assertStageMatches } from './assert-stage-matches.js';
import { compileCore, spawnWithCore } from './file-lock-child.fixture.js';
import { runStage, type StageDefinition, type StageResult } from './stage.js';

const fine = (): Promise<Record<string, unknown>> => Promise.resolve({});
const failing = (): Promise<never> =>
  Promise.reject(new AssayError('LABELS_DEGENERATE', "All labels of 'fraud' are equal."));
const definitionOf = (config: unknown, inputs: Record<string, string> = {}): StageDefinition => ({
  name: 'prepare',
  config,
  inputs,
  packages: [],
});

/** A finished stage `prepare` with config 1, and functions that run and read it. */
class Prepared {
  readonly dir: string;
  constructor(readonly root: string) {
    this.dir = join(root, 'prepare');
  }
  run(config: unknown, how = fine, force = false): Promise<StageResult> {
    return runStage(this.dir, definitionOf(config), how, { force });
  }
  read(): Promise<void> {
    return assertStageMatches(this.dir, {});
  }
}

const withPrepared = (fn: (prepared: Prepared) => Promise<void>): Promise<void> =>
  withTempDir(async (root) => {
    const prepared = new Prepared(root);
    await prepared.run(1);
    await fn(prepared);
  });

const stale = (text: string): Record<string, unknown> => ({
  code: 'STAGE_STALE',
  message: expect.stringContaining(text) as string,
});

test('after a run that failed nobody goes on with the earlier result, until a run succeeds', () =>
  withPrepared(async (prepared) => {
    const train = join(prepared.root, 'train');
    const trained = (): Promise<StageResult> =>
      runStage(train, definitionOf({}, { prepare: prepared.dir }), fine);
    await trained();
    await expect(prepared.run(2, failing)).rejects.toMatchObject({ code: 'LABELS_DEGENERATE' });
    const what = stale(
      "a newer run of prepare failed: All labels of 'fraud' are equal. Fix: run assay prepare again until it succeeds.",
    );
    await expect(prepared.read()).rejects.toMatchObject(what);
    await expect(assertStageMatches(train, { inputs: { prepare: prepared.dir } })).rejects.toMatchObject(
      what,
    );
    await expect(trained()).rejects.toMatchObject(what);
    await prepared.run(2);
    await prepared.read();
    expect((await trained()).reused).toBe(false);
    await assertStageMatches(train, { inputs: { prepare: prepared.dir } });
    expect(readdirSync(prepared.root).sort()).toEqual(['prepare', 'train']);
  }));

test('going back to the inputs of the earlier result makes it the latest one again, and nothing runs', () =>
  withPrepared(async (prepared) => {
    await expect(prepared.run(2, failing)).rejects.toThrow('equal');
    expect((await prepared.run(1, failing)).reused).toBe(true);
    await prepared.read();
    expect(readdirSync(prepared.root)).toEqual(['prepare']);
  }));

test('an interrupted run with other inputs leaves the earlier result stale, too', () =>
  withPrepared(async (prepared) => {
    const interrupted = (): Promise<never> => Promise.reject(new AssayError('INTERRUPTED', 'Interrupted.'));
    await expect(prepared.run(2, interrupted)).rejects.toMatchObject({ code: 'INTERRUPTED' });
    await expect(prepared.read()).rejects.toMatchObject(stale('was interrupted, or still goes on. Fix'));
  }));

test('a run with other inputs that was killed leaves the earlier result stale', () =>
  withPrepared(async (prepared) => {
    const compiled = join(prepared.root, 'compiled');
    mkdirSync(compiled);
    compileCore(compiled);
    const script = `core.runStage(process.argv[1], { name: 'prepare', config: 2, packages: [] }, () => process.kill(process.pid, 'SIGKILL'));`;
    const child = spawnWithCore(compiled, script, [prepared.dir]);
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
    await expect(prepared.read()).rejects.toMatchObject(stale('was interrupted, or still goes on. Fix'));
    await prepared.run(2);
    await prepared.read();
  }));

test('the result is stale while a run with other inputs goes on', () =>
  withPrepared(async (prepared) => {
    await prepared.run(2, async () => {
      await expect(prepared.read()).rejects.toMatchObject(stale('still goes on'));
      return {};
    });
    await prepared.read();
  }));

test('a run with the same inputs that fails leaves its equal result good', () =>
  withPrepared(async (prepared) => {
    await expect(prepared.run(1, failing, true)).rejects.toThrow('equal');
    await prepared.read();
  }));

test('a run that fails before its inputs are known leaves the earlier result stale', () =>
  withPrepared(async (prepared) => {
    const run = (definition: () => Promise<StageDefinition>): Promise<StageResult> =>
      runStage(prepared.dir, definition, fine);
    const missing = new AssayError('COLUMN_MISSING', 'There is no column price');
    await expect(run(() => Promise.reject(missing))).rejects.toBe(missing);
    await expect(prepared.read()).rejects.toMatchObject(stale('failed: There is no column price. Fix'));
    expect((await run(() => Promise.resolve(definitionOf(1)))).reused).toBe(true);
    await prepared.read();
  }));

test('a mistake in the call leaves the earlier result good', () =>
  withPrepared(async (prepared) => {
    const mistake = new AssayError('DATA_ROOT_MISSING', 'There is no such folder');
    await expect(runStage(prepared.dir, () => Promise.reject(mistake), fine)).rejects.toBe(mistake);
    await prepared.read();
  }));

test('a first run that fails has nothing to make stale', () =>
  withTempDir(async (root) => {
    await expect(new Prepared(root).run(2, failing)).rejects.toThrow('equal');
    expect(readdirSync(root)).toEqual([]);
  }));

test('a kill between the success of a run and its last step leaves the new result good', () =>
  withPrepared(async (prepared) => {
    await expect(prepared.run(2, failing)).rejects.toThrow('equal');
    const marker = `${prepared.dir}.stale.json`;
    renameSync(marker, `${marker}.kept`);
    await prepared.run(2);
    renameSync(`${marker}.kept`, marker);
    await prepared.read();
  }));

test('a damaged marker is named with its file', () =>
  withPrepared(async (prepared) => {
    writeFileSync(`${prepared.dir}.stale.json`, '{');
    await expect(prepared.read()).rejects.toMatchObject({
      code: 'FILE_CORRUPT',
      message: expect.stringContaining('prepare.stale.json') as string,
    });
  }));
