import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSavedModel, type SavedModelRunner } from '@assay/graph';
import { readSafetensors } from '@assay/data';
import { describeEngine } from '@assay/tensorflow';
import { GOLDEN_TOLERANCE, GOLDEN_TOLERANCE_OTHER_ENGINE, replayGolden, type Infer } from './golden.js';
import { inferWith } from './saved-model-inference.js';
import { tinyBundle } from './tiny-bundle.fixture.js';
import { verifyBundle } from './bundle-manifest.js';

interface GoldenRecord {
  id: string;
  bands: Record<string, string | undefined>;
}

describe('a bundle', () => {
  let dir: string;
  let bundleDir: string;
  let manifestDigest: string;
  let runner: SavedModelRunner;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'assay-golden-'));
    ({ bundleDir, manifestDigest } = await tinyBundle(join(dir, 'tiny')));
    runner = loadSavedModel(join(bundleDir, 'saved_model'));
  });
  afterAll(() => {
    runner.dispose();
    rmSync(dir, { recursive: true, force: true });
  });

  /** The model with its first logit moved. */
  const moved =
    (by: number): Infer =>
    async (inputs) => {
      const { logit_BK } = await inferWith(runner)(inputs);
      return {
        logit_BK: {
          shape: logit_BK!.shape,
          data: logit_BK!.data.map((logit, i) => (i === 0 ? logit + by : logit)),
        },
      };
    };

  it('has the files of the format, and no others', async () => {
    await expect(verifyBundle(bundleDir)).resolves.toBe(manifestDigest);
    const { files } = JSON.parse(readFileSync(join(bundleDir, 'manifest.sha256.json'), 'utf8')) as {
      files: object;
    };
    expect(Object.keys(files)).toEqual([
      'MLmodel',
      'calibration.json',
      'evaluation/report.html',
      'evaluation/report.json',
      'evaluation/verdict.json',
      'golden/decisions.json',
      'golden/inputs.safetensors',
      'golden/logits.safetensors',
      'labels.json',
      'lineage.json',
      'model-card.md',
      'model.json',
      'operating-points.json',
      'policies/fraud.md',
      'policies/weapons.md',
      'preprocessor.json',
      'record-schema.json',
      'saved_model/saved_model.pb',
      'weights.safetensors',
    ]);
    expect(readFileSync(join(bundleDir, 'policies/fraud.md'), 'utf8')).toContain(
      'No text of this policy was supplied',
    );
  });

  it('is found again instead of made again, and has equal bytes when made twice', async () => {
    await expect(tinyBundle(join(dir, 'tiny'))).resolves.toMatchObject({ reused: true, manifestDigest });
    await expect(tinyBundle(join(dir, 'twin'))).resolves.toMatchObject({ reused: false, manifestDigest });
  });

  it('has golden examples from the lowest to the highest score', async () => {
    const { logit_BK } = (await readSafetensors(join(bundleDir, 'golden/logits.safetensors'))).tensors;
    expect(logit_BK?.shape).toEqual([12, 2]);
    const scores = Array.from({ length: 12 }, (_, row) =>
      Math.max(Number(logit_BK?.data[2 * row]), Number(logit_BK?.data[2 * row + 1])),
    );
    expect(scores).toEqual([...scores].sort((a, b) => a - b));
    expect(scores[11]! - scores[0]!).toBeGreaterThan(1);
  });

  it('replays its golden examples', async () => {
    await expect(replayGolden(bundleDir, inferWith(runner))).resolves.toEqual({ records: 12, maxError: 0 });
  });

  it('accepts a difference within the tolerance and refuses a larger one', async () => {
    await expect(replayGolden(bundleDir, moved(0.5 * GOLDEN_TOLERANCE))).resolves.toMatchObject({
      records: 12,
    });
    await expect(replayGolden(bundleDir, moved(1e-3))).rejects.toMatchObject({ code: 'GOLDEN_MISMATCH' });
    await expect(replayGolden(bundleDir, moved(Number.NaN))).rejects.toMatchObject({
      code: 'GOLDEN_MISMATCH',
    });
  });

  it('allows more, and not much more, where another engine computed the golden logits', async () => {
    const between = (GOLDEN_TOLERANCE + GOLDEN_TOLERANCE_OTHER_ENGINE) / 2;
    await expect(replayGolden(bundleDir, moved(between))).rejects.toMatchObject({ code: 'GOLDEN_MISMATCH' });
    const onGpu = 'tensorflow 2.21.0 gpu';
    await expect(replayGolden(bundleDir, moved(between), onGpu)).resolves.toMatchObject({ records: 12 });
    await expect(
      replayGolden(bundleDir, moved(10 * GOLDEN_TOLERANCE_OTHER_ENGINE), onGpu),
    ).rejects.toMatchObject({ code: 'GOLDEN_MISMATCH' });
  });

  it.each([
    ['a record less', (records: GoldenRecord[]) => records.slice(1)],
    [
      'a policy less',
      (records: GoldenRecord[]) => records.map(({ id, bands: { fraud } }) => ({ id, bands: { fraud } })),
    ],
    [
      'a policy more',
      (records: GoldenRecord[]) =>
        records.map(({ id, bands }) => ({ id, bands: { ...bands, spam: 'pass' } })),
    ],
  ])('is not taken for replayed when its decisions have %s than its logits', async (_what, change) => {
    const copy = join(dir, 'changed');
    cpSync(bundleDir, copy, { recursive: true });
    const path = join(copy, 'golden', 'decisions.json');
    const { engine, records } = JSON.parse(readFileSync(path, 'utf8')) as {
      engine: string;
      records: GoldenRecord[];
    };
    expect(engine).toBe(describeEngine().name);
    writeFileSync(path, JSON.stringify({ schemaVersion: 1, engine, records: change(records) }));
    await expect(replayGolden(copy, inferWith(runner))).rejects.toMatchObject({ code: 'GOLDEN_MISMATCH' });
  });

  it('refuses a model with another number of logits', async () => {
    const short: Infer = () => Promise.resolve({ logit_BK: { shape: [1, 2], data: new Float32Array(2) } });
    await expect(replayGolden(bundleDir, short)).rejects.toMatchObject({
      code: 'GOLDEN_MISMATCH',
      message: expect.stringContaining('2 logits; expected 24') as string,
    });
  });
});
