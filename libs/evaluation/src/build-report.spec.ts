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

const options = (kind: 'multi-label' | 'multi-class') => ({
  kind,
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
  split: { strategy: random }
preprocess: { text: { fields: [title] } }
model: { text: {} }
evaluate: { gates: [${gate}] }
`);

const records = (classes: readonly (number | null)[]): PreparedRecord[] =>
  classes.map((classIndex, n) => ({
    id: `r${n}`,
    line: n + 2,
    text: {},
    images: [],
    imageDigests: [],
    classIndex,
    labels: [],
    weight: 1,
    group: SHOPS[n] ?? null,
    timeMs: null,
    slices: {},
  }));

function reportOf(changes: { leaky?: boolean } & Partial<ReportInput> = {}): Report {
  const { leaky = false, ...input } = changes;
  return buildReport({
    config: config('{ policy: weapons, metric: averagePrecision, atLeast: 0.77 }'),
    data: {
      digest: 'd'.repeat(64),
      labels: { kind: 'multi-label', names: ['weapons', 'fraud'] },
      leaky,
      numRows: (name) => ({ train: 9, validation: 8, calibration: 6, test: 6 })[name],
      records: () => records(LABELS.map(() => null)),
    },
    modelDigest: 'e'.repeat(64),
    engine: 'none',
    points: POINTS,
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
  test('of the walks from 3 and from 6 records the first stops after 3 of 3 right; its threshold is a calibrated score', () => {
    // Each walk has level 0.15: 0.5³ = 0.125 passes; 3 of 4 have 5/16, 4 of 6 have 22/64.
    expect(weapons!.act).toMatchObject({ predicted: 3, correct: 3, precision: 1, recall: 3 / 4 });
    expect(weapons!.act!.threshold).toBeCloseTo(1 / (1 + 3 ** (-6 / 4)), 5);
    expect(weapons!.review!.recall).toBe(1);
    expect(weapons!.review!.threshold).toBeCloseTo(1 / (1 + 3 ** (1 / 4)), 5);
  });
  test('a policy without a proof says what the calibration split held', () => {
    expect(fraud).toMatchObject({ policyVersion: '3', act: null });
    expect(fraud!.noActReason).toContain('1 of 3, 2 of 6 are violations');
    expect(fraud!.review!.threshold).toBeCloseTo(1 / (1 + 2 ** (1 / 2)), 5);
  });
});

describe('the report by hand', () => {
  const [weapons, fraud] = reportOf().policies;
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
    expect(weapons!.bands).toEqual({ act: 3, review: 1, pass: 2 }); // a logit of 6 is at the threshold: it acts
    expect([weapons!.precision.value, weapons!.recall.value, weapons!.caught.value]).toEqual([
      2 / 3,
      2 / 4,
      3 / 4,
    ]);
    expect(fraud).toMatchObject({ known: 2, positives: 1, precision: { value: null }, recall: { value: 0 } });
  });
  test('two shops are drawn whole: only the one alone gives 1, only the other alone 1/2', () =>
    expect(weapons!.averagePrecision.interval).toEqual([1 / 2, 1])); // each in a quarter of the draws
  test('shops that differ more than chance widen the interval of precision', () => {
    // 2 of 2 and 0 of 1 right: Σ(successes − trials · 2/3)² = 8/9 against 3 · 2/9, a design effect of 4/3.
    const effective = 3 / (4 / 3);
    expectClose(weapons!.precision.interval!, wilsonInterval((2 / 3) * effective, effective)!, {
      absolute: 1e-12,
    });
  });
  test('data that leak fail, whatever the gates say', () => {
    expect(reportOf().verdict).toMatchObject({ verdict: 'pass', leaky: false });
    expect(reportOf({ leaky: true }).verdict).toMatchObject({ verdict: 'fail', leaky: true });
  });
});

test('the table of modalities ranks classes by probability, not by logit', () => {
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
    labels: { kind: 'multi-class' as const, names: ['weapons', 'fraud'] },
    leaky: false,
    numRows: () => 2,
    records: () => records([1, 0]),
  };
  const points = chooseOperatingPoints({ validation: test, calibration: test }, options('multi-class'));
  const { modalities, policies } = reportOf({ data, points, test });
  expect(modalities[0]!.averagePrecision).toEqual({ weapons: 1, fraud: 1 });
  expect(policies.map(({ averagePrecision }) => averagePrecision.value)).toEqual([1, 1]);
});
