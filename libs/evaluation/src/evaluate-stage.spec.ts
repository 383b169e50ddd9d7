import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSafetensors } from '@assay/data';
import { withTempDir } from '@assay/testing';
import { wilsonInterval } from './metrics/intervals.js';
import { TinyEvaluation, type Row } from './tiny-evaluation.fixture.js';

jest.setTimeout(60_000);
beforeAll(() => (process.env['ASSAY_QUIET'] = '1'));
afterAll(() => delete process.env['ASSAY_QUIET']);

const TRAIN: Row[] = Array.from({ length: 8 }, (_, i) => [
  'train',
  10 + 10 * i,
  `t${i}`,
  i % 2 === 0 ? 1 : 0,
]);
// Half of these shops fall to calibration; the dear ones are violations in both halves.
const VALIDATION: Row[] = Array.from({ length: 16 }, (_, i) => [
  'validation',
  5 * i,
  `v${i}`,
  i >= 8 ? 1 : 0,
]);
// By falling price: violation, violation, none, violation, none, none.
const TEST: Row[] = [
  ['test', 95, 'a', 1],
  ['test', 90, 'a', 1],
  ['test', 44, 'b', 0],
  ['test', 42, 'c', 1],
  ['test', 5, 'd', 0],
  ['test', 1, 'e', 0],
];
const ROWS = [...TRAIN, ...VALIDATION, ...TEST];
const AVERAGE_PRECISION = (1 / 1 + 2 / 2 + 3 / 4) / 3;

test('figures of the test split are those by hand', () =>
  withTempDir(async (dir) => {
    const { report } = await new TinyEvaluation(dir, ROWS).run();
    expect(report.rows).toEqual({ train: 8, validation: 8, calibration: 8, test: 6 });
    const [policy] = report.policies;
    expect(policy).toMatchObject({ policy: 'fraud', known: 6, positives: 3 });
    expect(policy!.averagePrecision.value).toBeCloseTo(AVERAGE_PRECISION, 12);
    expect(policy!.auroc.value).toBeCloseTo(8 / 9, 12); // of 3 × 3 pairs one is the wrong way round
    expect(report.mean.averagePrecision.value).toBeCloseTo(AVERAGE_PRECISION, 12);
    expect(report.verdict).toMatchObject({ verdict: 'pass', leaky: false });
  }));

test('thresholds lie between scores of the calibration split at the temperature of the validation split', () =>
  withTempDir(async (dir) => {
    const { report, dir: evaluated } = await new TinyEvaluation(dir, ROWS).run();
    const { operatingPoint } = report.policies[0]!;
    const { tensors } = await readSafetensors(join(evaluated, 'predictions/calibration.safetensors'));
    const logits = Array.from(tensors['logit_NK']!.data as Float32Array).sort((a, b) => b - a);
    const violations = Array.from(tensors['label_NK']!.data as Float32Array).filter((y) => y === 1).length;
    // Walks from 3 and 6 of 8 records, each of level 0.2: P(X ≥ n | 0.5) ≤ 0.2 holds down to the first wrong ones.
    const { act, temperature } = operatingPoint;
    expect(temperature).toBeLessThan(0.1); // validation is separable, so the temperature goes to its lower end
    expect(act!.correct).toBe(violations);
    const [score, next] = [act!.predicted - 1, act!.predicted].map(
      (n) => 1 / (1 + Math.exp(-logits[n]! / temperature)),
    );
    expect(act!.threshold).toBeCloseTo((score! + next!) / 2, 6);
  }));

test('what acts, and what it catches, is counted from the bands', () =>
  withTempDir(async (dir) => {
    const { report } = await new TinyEvaluation(dir, ROWS).run();
    const { bands, precision, recall, caught } = report.policies[0]!;
    expect(bands.act).toBe(4); // the prices from 42 on: above every record of calibration that is none
    expect([precision.value, recall.value, caught.value]).toEqual([3 / 4, 1, 1]);
  }));

test('records of one shop count once where all of them agree', () =>
  withTempDir(async (dir) => {
    const apart = TEST.map(([split, price, , y], i): Row => [split, price, `x${i}`, y]);
    const together = await new TinyEvaluation(join(dir, 'one'), ROWS).run();
    const single = await new TinyEvaluation(join(dir, 'many'), [...TRAIN, ...VALIDATION, ...apart]).run();
    const [one, many] = [together, single].map(({ report }) => report.policies[0]!);
    expect(one!.caught.value).toBe(many!.caught.value);
    expect(one!.recall).toEqual({ value: 1, interval: wilsonInterval(9 / 5, 9 / 5) }); // three violations in shops of two and one
    expect(many!.recall).toEqual({ value: 1, interval: wilsonInterval(3, 3) });
    expect(one!.averagePrecision.interval).not.toEqual(many!.averagePrecision.interval);
  }));

test('labels of the test split change no threshold', () =>
  withTempDir(async (dir) => {
    const flipped = TEST.map(([split, price, shop, y]): Row => [split, price, shop, y === 1 ? 0 : 1]);
    const before = await new TinyEvaluation(join(dir, 'a'), ROWS).run();
    const after = await new TinyEvaluation(join(dir, 'b'), [...TRAIN, ...VALIDATION, ...flipped]).run();
    const points = (evaluated: { dir: string }): string =>
      readFileSync(join(evaluated.dir, 'operating-points.json'), 'utf8');
    expect(points(after)).toBe(points(before));
    expect(after.report.mean.averagePrecision).not.toEqual(before.report.mean.averagePrecision);
  }));

test('shown only the numbers the model knows as much as ever, shown only the text it guesses', () =>
  withTempDir(async (dir) => {
    const { report } = await new TinyEvaluation(dir, ROWS).run();
    const means = Object.fromEntries(report.modalities.map(({ shown, mean }) => [shown, mean]));
    expect(means['everything']).toBeCloseTo(AVERAGE_PRECISION, 12);
    expect(means['tabular only']).toBeCloseTo(AVERAGE_PRECISION, 12);
    expect(means['text only']).toBeCloseTo(0.5, 12);
  }));

test('with classes, every table ranks by the same probabilities', () =>
  withTempDir(async (dir) => {
    const { report } = await new TinyEvaluation(dir, ROWS, { kind: 'multi-class' }).run();
    const [everything] = report.modalities;
    for (const { policy, averagePrecision } of report.policies)
      expect(everything!.averagePrecision[policy]).toBe(averagePrecision.value);
    expect(report.policies[0]!.averagePrecision.value).toBeCloseTo(AVERAGE_PRECISION, 12);
  }));

test('a model that was trained on other prepared data is not evaluated', () =>
  withTempDir(async (dir) => {
    const first = new TinyEvaluation(dir, ROWS);
    await first.run();
    const later = new TinyEvaluation(dir, [...ROWS, ['train', 200, 'z', 1]]);
    await later.prepare();
    await expect(later.evaluate()).rejects.toMatchObject({
      code: 'STAGE_STALE',
      details: { stage: 'train' },
    });
    await later.train();
    expect((await later.evaluate()).report.rows.train).toBe(9);
  }));

test('data that leak never pass, however good the figures', () =>
  withTempDir(async (dir) => {
    const leaky: Row[] = [...ROWS, ['train', 50, 'a', 1]];
    const { report } = await new TinyEvaluation(dir, leaky, { allowLeak: true }).run();
    expect(report.verdict).toMatchObject({ verdict: 'fail', leaky: true });
  }));
