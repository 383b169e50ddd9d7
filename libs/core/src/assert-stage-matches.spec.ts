import { join } from 'node:path';
import { withTempDir } from '@assay/testing';
import { assertStageMatches } from './assert-stage-matches.js';
import { runStage } from './stage.js';

const make = (dir: string, name: string, config: unknown, inputs: Record<string, string> = {}) =>
  runStage(dir, { name, config, inputs, packages: [] }, () => Promise.resolve({}));
const saying = (text: string): string => expect.stringContaining(text) as string;

test('a stage that was made with other settings is refused; the message names them and what to run', async () => {
  await withTempDir(async (root) => {
    const dir = join(root, 'prepare');
    await make(dir, 'prepare', { data: { a: 1, b: 2 }, seed: 3, allowLeak: false });
    await assertStageMatches(dir, { sections: { data: { b: 2, a: 1 }, seed: 3, train: { lr: 1 } } });
    await expect(
      assertStageMatches(dir, { sections: { data: { a: 1, b: 9 }, seed: 3 } }),
    ).rejects.toMatchObject({
      code: 'STAGE_STALE',
      message: saying("other settings of 'data' than the config has now. Fix: run assay prepare again"),
    });
  });
});

test('a stage that was made from an earlier run of its input is refused', async () => {
  await withTempDir(async (root) => {
    const [prepare, train] = [join(root, 'prepare'), join(root, 'train')];
    await make(prepare, 'prepare', { seed: 1 });
    await make(train, 'train', {}, { prepare });
    await assertStageMatches(train, { inputs: { prepare } });
    await make(prepare, 'prepare', { seed: 2 });
    await expect(assertStageMatches(train, { inputs: { prepare } })).rejects.toMatchObject({
      code: 'STAGE_STALE',
      message: saying("from another output of the stage 'prepare'. Fix: run assay train again"),
    });
  });
});

test('a directory without a finished stage is STAGE_INPUT_MISSING', async () => {
  await withTempDir(async (root) => {
    await expect(assertStageMatches(join(root, 'nothing'), {})).rejects.toMatchObject({
      code: 'STAGE_INPUT_MISSING',
    });
  });
});
