import { prepareStage } from '@assay/data';
import { withTempDir } from '@assay/testing';
import { assembleBundle } from './assemble-bundle.js';
import { tinyStages, trainTiny } from './tiny-bundle.fixture.js';

describe('a bundle of stages that do not belong together', () => {
  it('is refused when the model was trained again: the old verdict would count for it', () =>
    withTempDir(async (dir) => {
      const stages = await tinyStages(dir);
      await assembleBundle(stages);
      await trainTiny(stages.trainDir, stages, { priceWeight: 9 });
      await expect(assembleBundle(stages)).rejects.toMatchObject({
        code: 'STAGE_STALE',
        details: { stage: 'evaluate' },
        message: expect.stringContaining('evaluate again') as string,
      });
    }));

  it('is refused when the data were prepared again with leaks, whether or not the model is the new one', () =>
    withTempDir(async (dir) => {
      const stages = await tinyStages(dir);
      const { loaded, preparedDir, trainDir } = stages;
      await prepareStage({ loaded, dir: preparedDir, progress: 'silent', allowLeak: true });
      await expect(assembleBundle(stages)).rejects.toMatchObject({ details: { stage: 'train' } });
      await trainTiny(trainDir, stages);
      await expect(assembleBundle(stages)).rejects.toMatchObject({
        code: 'STAGE_STALE',
        details: { stage: 'evaluate' },
      });
    }));

  it('is refused when the config was changed after the stages ran: the lineage would not be theirs', () =>
    withTempDir(async (dir) => {
      const { loaded, ...stages } = await tinyStages(dir);
      const { config } = loaded;
      const changed = async (change: Partial<typeof config>): Promise<unknown> =>
        assembleBundle({ ...stages, loaded: { ...loaded, config: { ...config, ...change } } }).catch(
          (error: unknown) => error,
        );
      expect(await changed({ data: { ...config.data, root: '/elsewhere' } })).toMatchObject({
        reused: false,
      });
      expect(await changed({ train: { ...config.train, maxEpochs: 99 } })).toMatchObject({
        code: 'STAGE_STALE',
        details: { stage: 'train' },
        message: expect.stringContaining("'train'") as string,
      });
      const publish = { ...config.publish, policyVersions: { weapons: '7' } };
      expect(await changed({ publish })).toMatchObject({ details: { stage: 'evaluate' } });
    }));
});
