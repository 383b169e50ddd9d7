import type { PolicyReport, Report } from './report.js';

const policy = (name: string, act: boolean): PolicyReport => ({
  policy: name,
  known: 200,
  positives: 30,
  averagePrecision: { value: 0.812, interval: [0.7, 0.9] },
  auroc: { value: 0.93, interval: [0.9, 0.96] },
  logLoss: 0.21,
  brier: 0.06,
  operatingPoint: {
    policy: name,
    policyVersion: '1',
    temperature: 1.2,
    act: act
      ? {
          threshold: 0.71,
          precision: 0.96,
          minPrecision: 0.9,
          confidence: 0.95,
          recall: 0.6,
          predicted: 50,
          correct: 48,
        }
      : null,
    noActReason: act
      ? null
      : 'A proof of precision 0.9 with confidence 0.95 needs at least 29 records with known labels; the calibration split has 12.',
    review: { threshold: 0.2, recall: 0.9, caught: 18, violations: 20 },
  },
  calibrationRecall: { value: 0.9, interval: [0.68, 0.99] },
  bands: { act: 18, review: 12, pass: 170 },
  precision: { value: 0.94, interval: [0.74, 0.99] },
  recall: { value: 0.57, interval: [0.39, 0.73] },
  caught: { value: 0.9, interval: [0.74, 0.97] },
  curve: [1, 0.98, 0.95, 0.9, 0.82, 0.7, 0.4, 0.15].map((precision, i) => ({ precision, recall: i / 7 })),
  histogram: Array.from({ length: 20 }, (_, i) => ({
    bin: i / 20,
    positives: i < 10 ? 1 : i - 8,
    negatives: Math.round(90 / (i + 1)),
  })),
  reliability: Array.from({ length: 10 }, (_, i) => ({
    predicted: i / 10 + 0.05,
    observed: (i / 10) ** 1.3,
    records: 20,
  })),
});

const pair = (between: Report['leaks']['pairs'][number]['between']) => ({
  between,
  sharedIds: 0,
  sharedGroups: 0,
  equalTexts: 2,
  nearTexts: 0,
  equalImages: 0,
  nearImages: 0,
  recordsWithEqualText: 2,
  recordsWithEqualImage: 0,
  timesOverlap: false,
});

/** A report of two policies whose second never acts. */
export const tinyReport: Report = {
  schemaVersion: 2,
  pipeline: 'toy',
  description: 'Toy listings <b>with</b> markup.',
  engine: 'tensorflow-2.21.0-cpu',
  dataDigest: 'd'.repeat(64),
  modelDigest: 'e'.repeat(64),
  kind: 'multi-label',
  rows: { train: 1400, validation: 150, calibration: 150, test: 200 },
  warnings: ['150 calibration records of 60 groups; the proof takes records as independent.'],
  policies: [policy('weapons', true), policy('unsafe_claim', false)],
  mean: { averagePrecision: { value: 0.812, interval: null }, auroc: { value: 0.93, interval: null } },
  multiClass: null,
  binary: null,
  modalities: [
    { shown: 'everything', averagePrecision: { weapons: 0.81, unsafe_claim: 0.81 }, mean: 0.81 },
    { shown: 'text only', averagePrecision: { weapons: 0.3, unsafe_claim: 0.8 }, mean: 0.55 },
  ],
  slices: [
    { column: 'language', value: 'en', policy: 'weapons', known: 120, positives: 20, averagePrecision: 0.8 },
  ],
  leaks: {
    schemaVersion: 5,
    leaky: false,
    inOrderOfTime: true,
    recordsWithoutGroup: { seller: 0 },
    skippedTexts: 0,
    images: { perRecord: 1, skipped: 0 },
    pairs: [pair(['train', 'validation']), pair(['train', 'test']), pair(['calibration', 'test'])],
    classes: { train: {}, validation: {}, calibration: {}, test: {} },
    times: { train: null, validation: null, calibration: null, test: null },
  },
  verdict: {
    verdict: 'fail',
    leaky: false,
    gates: [{ policy: 'mean', metric: 'auroc', atLeast: 0.95, value: 0.93, pass: false }],
    reasons: ['auroc of mean is 0.930; the gate asks for at least 0.95.'],
  },
  errors: [
    {
      policy: 'weapons',
      id: '17',
      score: 0.97,
      label: 0,
      text: 'Letter opener <script>alert(1)</script> & "sheath"',
    },
  ],
};
