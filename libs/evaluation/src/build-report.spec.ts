import { parseConfig, type PipelineConfig } from '@assay/config';
import type { PreparedRecord } from '@assay/data';
import { expectClose } from '@assay/testing';
import { buildReport, type ReportInput } from './build-report.js';
import { wilsonInterval } from './metrics/intervals.js';
import { chooseOperatingPoints } from './operating-points.js';
import type { Report } from './report.js';
import type { ScoredSplit } from './score-split.js';
import { tinyReport } from './tiny-report.fixture.js';

/** A record: its logits and its labels, null where unknown. */
type Scored = readonly [logit_K: readonly number[], label_K: readonly (number | null)[]];

const split = (rows: readonly Scored[]): ScoredSplit => ({
  ids: rows.map((_, n) => `r${n}`),
  logit_NK: Float32Array.from(rows.flatMap(([logits]) => logits)),
  label_NK: Float32Array.from(rows.flatMap(([, labels]) => labels.map((label) => label ?? 0))),
  known_NK: Float32Array.from(rows.flatMap(([, labels]) => labels.map((label) => Number(label !== null)))),
  weight_N: new Float32Array(rows.length).fill(1),
  numClasses: rows[0]![0].length,
});

const VALIDATION = split([
  [
    [4, 2],
    [1, 1],
  ],
  [
    [4, 2],
    [1, 1],
  ],
  [
    [4, 2],
    [1, 0],
  ],
  [
    [4, -2],
    [0, 0],
  ],
  [
    [-4, -2],
    [0, 0],
  ],
  [
    [-4, -2],
    [0, 1],
  ],
  [
    [-4, 9],
    [0, null],
  ],
  [
    [-4, 9],
    [1, null],
  ],
]);
const CALIBRATION = split([
  [
    [8, 3],
    [1, 0],
  ],
  [
    [7, 2],
    [1, 1],
  ],
  [
    [6, 1],
    [1, 0],
  ],
  [
    [5, -1],
    [0, 1],
  ],
  [
    [-1, -2],
    [1, 0],
  ],
  [
    [-2, -3],
    [0, 0],
  ],
]);
const LOGITS = [7, 6.5, 6, 0, -3, -4];
const LABELS = [1, 0, 1, 1, 0, 1];
const SHOPS = ['g1', 'g2', 'g1', 'g2', 'g2', 'g1'];
const TEST = split(
  LOGITS.map((logit, n) => [
    [logit, 0],
    [LABELS[n]!, n < 2 ? n : null],
  ]),
);

const options = (kind: 'multi-label' | 'multi-class', calibrationClusters: readonly string[] = SHOPS) => ({
  kind,
  calibrationClusters,
  names: ['weapons', 'fraud'],
  policyVersions: { fraud: '3' },
  target: { minPrecision: 0.5, confidence: 0.7, reviewRecall: 0.9 },
});
const POINTS = chooseOperatingPoints(
  { validation: VALIDATION, calibration: CALIBRATION },
  options('multi-label'),
);

const config = (gate: string): PipelineConfig =>
  parseConfig(`
schemaVersion: 1
name: tiny
description: Tiny.
data:
  root: .
  source: { path: rows.csv }
  columns: { id: id, text: { title: title } }
  labels: { kind: multi-label, policies: [{ name: weapons, column: w }, { name: fraud, column: f }] }
  split: { strategy: group }
preprocess: { text: { fields: [title] } }
model: { text: {} }
evaluate: { gates: [${gate}] }
`);

const records = (classes: readonly (number | null)[]): PreparedRecord[] =>
  classes.map((classIndex, n) => ({
    id: `r${n}`,
    source: 'rows.csv',
    unit: `r${n}`,
    line: n + 2,
    text: {},
    images: [],
    imageDigests: [],
    fingerprints: [],
    classIndex,
    labels: [],
    weight: 1,
    group: SHOPS[n] ?? null,
    timeMs: null,
    slices: {},
  }));

function reportOf(changes: { leaky?: boolean } & Partial<ReportInput> = {}): Promise<Report> {
  const { leaky = false, ...input } = changes;
  return buildReport({
    config: config('{ policy: weapons, metric: averagePrecision, atLeast: 0.77 }'),
    data: {
      digest: 'd'.repeat(64),
      labels: { kind: 'multi-label', names: ['weapons', 'fraud'], ordered: false },
      leaky,
      numRows: (name) => ({ train: 9, validation: 8, calibration: 6, test: 6 })[name],
      records: () => records(LABELS.map(() => null)),
    },
    modelDigest: 'e'.repeat(64),
    engine: 'none',
    points: POINTS,
    calibration: CALIBRATION,
    test: TEST,
    partial: [],
    leaks: tinyReport.leaks,
    ...input,
  });
}

describe('operating points by hand', () => {
  const [weapons, fraud] = POINTS.policies;

  test('temperatures bring logits of 4 that are right 3 times of 4 to log 3, and of 2 that are right 2 of 3 to log 2', () =>
    expectClose([weapons!.temperature, fraud!.temperature], [4 / Math.log(3), 2 / Math.log(2)], {
      absolute: 1e-5,
    }));
  test('of the walks from 3 and from 6 records the first stops after 3 of 3 right; its threshold lies between two calibrated scores', () => {
    // Each walk has level 0.15: 0.5³ = 0.125 passes; 3 of 4 have 5/16, 4 of 6 have 22/64.
    expect(weapons!.act).toMatchObject({ predicted: 3, correct: 3, precision: 1, recall: 3 / 4 });
    const scoreOf = (logit: number): number => 1 / (1 + 3 ** (-logit / 4));
    expect(weapons!.act!.threshold).toBeCloseTo((scoreOf(6) + scoreOf(5)) / 2, 5);
    expect(weapons!.review).toMatchObject({ recall: 1, caught: 4, violations: 4 });
    expect(weapons!.review!.threshold).toBeCloseTo((scoreOf(-1) + scoreOf(-2)) / 2, 5);
  });
  test('a policy without a proof says what the calibration split held', () => {
    expect(fraud).toMatchObject({ policyVersion: '3', act: null });
    expect(fraud!.noActReason).toContain('1 of 3, 2 of 6 are violations');
    expect(fraud!.review!.threshold).toBeCloseTo((1 / (1 + 2 ** (1 / 2)) + 1 / (1 + 2)) / 2, 5);
  });
  test('they say of how many groups the calibration records are', () =>
    expect(POINTS.calibration).toEqual({ records: 6, groups: 2 }));
});

describe('the report by hand', () => {
  let report: Report;
  let weapons: Report['policies'][number] | undefined;
  let fraud: typeof weapons;
  beforeAll(async () => {
    report = await reportOf();
    [weapons, fraud] = report.policies;
  });
  const shares = LOGITS.map((logit) => 1 / (1 + 3 ** (-logit / 4)));

  test('average precision', () =>
    expect(weapons!.averagePrecision.value).toBeCloseTo((1 + 2 / 3 + 3 / 4 + 4 / 6) / 4, 12));
  test('Brier score and log loss are of calibrated scores', () => {
    const brier = shares.map((p, n) => (p - LABELS[n]!) ** 2);
    const loss = shares.map((p, n) => -Math.log(LABELS[n] === 1 ? p : 1 - p));
    const mean = (values: number[]): number => values.reduce((a, b) => a + b) / values.length;
    expectClose([weapons!.brier!, weapons!.logLoss!], [mean(brier), mean(loss)], { absolute: 1e-5 });
  });
  test('bands, and precision, recall and what is caught', () => {
    expect(weapons!.bands).toEqual({ act: 3, review: 1, pass: 2 }); // a logit of 6 acts: the threshold lies below it
    expect([weapons!.precision.value, weapons!.recall.value, weapons!.caught.value]).toEqual([
      2 / 3,
      2 / 4,
      3 / 4,
    ]);
    expect(fraud).toMatchObject({ known: 2, positives: 1, precision: { value: null }, recall: { value: 0 } });
  });
  test('two shops are drawn whole: only the one alone gives 1, only the other alone 1/2', () =>
    expect(weapons!.averagePrecision.interval).toEqual([1 / 2, 1])); // each in a quarter of the draws
  test('two shops count for no more than their sizes are worth', () => {
    // 2 of 2 and 0 of 1 right: clusters of 2 and 1 records are worth 9/5 of equal size, and so few cannot tell more.
    expectClose(weapons!.precision.interval!, wilsonInterval((2 / 3) * (9 / 5), 9 / 5)!, {
      absolute: 1e-12,
    });
  });
  test('what review catches of the calibration split has the exact interval', () => {
    // 4 of 4 violations, two of each shop: worth two records that are all caught.
    expect(weapons!.calibrationRecall.value).toBe(1);
    expectClose(weapons!.calibrationRecall.interval!, [0.025 ** (1 / 2), 1], { absolute: 1e-9 });
  });
  test('data that leak fail, whatever the gates say', async () => {
    expect(report.verdict).toMatchObject({ verdict: 'pass', leaky: false });
    expect((await reportOf({ leaky: true })).verdict).toMatchObject({ verdict: 'fail', leaky: true });
  });
  test('a proof from records of few groups was not told from one of independent records', async () => {
    expect(report.warnings).toEqual([
      expect.stringMatching(/^6 calibration records of 2 groups; the proof takes records as independent;/),
    ]);
    const apart = chooseOperatingPoints(
      { validation: VALIDATION, calibration: CALIBRATION },
      options('multi-label', ['a', 'b', 'c', 'd', 'e', 'f']),
    );
    expect((await reportOf({ points: apart })).warnings).toEqual([]);
  });
  test('the bootstrap did not hear Ctrl-C', async () => {
    const controller = new AbortController();
    setImmediate(() => controller.abort());
    await expect(reportOf({ signal: controller.signal })).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });
});

test('the table of modalities ranks classes by probability, not by logit', async () => {
  // By logit the first record, of class 1, leads for class 0, too: an average precision of 1/2.
  const test = split([
    [
      [2, 3],
      [0, 1],
    ],
    [
      [1, 0],
      [1, 0],
    ],
  ]);
  const data = {
    digest: 'd'.repeat(64),
    labels: { kind: 'multi-class' as const, names: ['weapons', 'fraud'], ordered: false },
    leaky: false,
    numRows: () => 2,
    records: () => records([1, 0]),
  };
  const points = chooseOperatingPoints(
    { validation: test, calibration: test },
    options('multi-class', ['a', 'b']),
  );
  const { modalities, policies } = await reportOf({ data, points, calibration: test, test });
  expect(modalities[0]!.averagePrecision).toEqual({ weapons: 1, fraud: 1 });
  expect(policies.map(({ averagePrecision }) => averagePrecision.value)).toEqual([1, 1]);
});

test('a missed review promise passed in silence', async () => {
  // Of 12 violations in test, each of another shop, 4 are caught: an interval that ends below 0.9.
  const rows = Array.from({ length: 12 }, (_, n): Scored => [
    [n < 4 ? 7 : -4, 0],
    [1, null],
  ]);
  const data = {
    digest: 'd'.repeat(64),
    labels: { kind: 'multi-label' as const, names: ['weapons', 'fraud'], ordered: false },
    leaky: false,
    numRows: () => 12,
    records: () => rows.map((_, n) => ({ ...records([null])[0]!, id: `r${n}`, group: `shop ${n}` })),
  };
  const report = await reportOf({
    data,
    test: split(rows),
    config: config('{ policy: weapons, metric: recall, atLeast: 0.1 }'),
  });
  expect(report.policies[0]!.caught.value).toBeCloseTo(4 / 12, 12);
  const warnings = report.warnings.filter((warning) => warning.startsWith('weapons: '));
  expect(warnings).toEqual([
    expect.stringContaining('act and review catch 0.333 [0.138, 0.609] of the test split'),
  ]);
  expect(warnings[0]).toContain('rules out the recall of 0.9 that was asked for');
  expect(report.verdict.verdict).toBe('pass'); // a warning, no gate
});
