import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '@assay/core';
import { expectClose } from '@assay/testing';
import { binomialUpperTail } from '../binomial.js';
import {
  auroc,
  averagePrecision,
  brierScore,
  clusterBootstrap,
  clusteredProportion,
  confusionAt,
  logLoss,
  multiClassFigures,
  precisionRecallCurve,
  precisionRecallF1,
  wilsonInterval,
} from '../index.js';

describe('a proportion of records in clusters, by hand', () => {
  const success_N = [1, 1, 0, 0, 1, 1];
  const counted_N = [1, 1, 1, 1, 1, 1];

  test('records on their own give the Wilson interval', () =>
    expect(clusteredProportion({ success_N, counted_N, clusters: ['a', 'b', 'c', 'd', 'e', 'f'] })).toEqual({
      value: 4 / 6,
      interval: wilsonInterval(4, 6),
    }));
  test('records that come in equal pairs count half', () => {
    const { value, interval } = clusteredProportion({
      success_N,
      counted_N,
      clusters: ['a', 'a', 'b', 'b', 'c', 'c'],
    });
    expect(value).toBe(4 / 6);
    expectClose(interval!, wilsonInterval(2, 3)!);
  });
  test('pairs that cancel out do not count more than records on their own', () =>
    expect(
      clusteredProportion({
        success_N: [1, 0, 1, 0],
        counted_N: [1, 1, 1, 1],
        clusters: ['a', 'a', 'b', 'b'],
      }).interval,
    ).toEqual(wilsonInterval(2, 4)));
  test('where all agree each cluster counts once; what does not count is left out', () => {
    const clusters = ['a', 'a', 'b', 'c', 'd', 'd'];
    const all = { success_N: [1, 1, 1, 0, 1, 1], counted_N: [1, 1, 1, 0, 0, 0], clusters };
    expect(clusteredProportion(all)).toEqual({ value: 1, interval: wilsonInterval(2, 2) });
    expect(clusteredProportion({ ...all, counted_N: [0, 0, 0, 0, 0, 0] })).toEqual({
      value: null,
      interval: null,
    });
  });
});

describe('by hand', () => {
  const scores = [0.9, 0.8, 0.7, 0.6];
  const labels = [1, 0, 1, 0];

  test('average precision: 1/2 · 1 + 1/2 · 2/3', () =>
    expect(averagePrecision(scores, labels)).toBeCloseTo(5 / 6, 12));
  test('AUROC: three of four pairs are in order', () => expect(auroc(scores, labels)).toBe(0.75));
  test('equal scores are one threshold: precision is the prevalence, AUROC one half', () => {
    expect(averagePrecision([1, 1, 1, 1], labels)).toBe(0.5);
    expect(auroc([1, 1, 1, 1], labels)).toBe(0.5);
  });
  test('one class only has no ranking', () => {
    expect([averagePrecision([1, 2], [0, 0]), auroc([1, 2], [1, 1]), auroc([], [])]).toEqual([
      null,
      null,
      null,
    ]);
    expect(averagePrecision([1, 2], [1, 1])).toBe(1);
  });
  test('a record of weight zero is left out', () => {
    expect(averagePrecision([0.95, ...scores], [0, ...labels], [0, 1, 1, 1, 1])).toBeCloseTo(5 / 6, 12);
  });
  test('a score at the threshold is a yes', () => {
    const confusion = confusionAt(0.7, scores, labels);
    expect(confusion).toEqual({ truePositives: 2, falsePositives: 1, falseNegatives: 0, trueNegatives: 1 });
    expect(precisionRecallF1(confusion)).toEqual({ precision: 2 / 3, recall: 1, f1: 0.8 });
    expect(precisionRecallF1(confusionAt(2, scores, labels))).toEqual({ precision: null, recall: 0, f1: 0 });
  });
  test('log loss and Brier score of one half', () => {
    expect(logLoss([0.5, 0.5], [1, 0])).toBeCloseTo(Math.log(2), 12);
    expect(brierScore([0.5, 0.5], [1, 0])).toBe(0.25);
    expect(logLoss([0], [1])).toBeCloseTo(-Math.log(1e-15), 9);
    expect(brierScore([], [])).toBeNull();
  });
  test('macro-F1 leaves out classes that neither occur nor are predicted', () => {
    const figures = multiClassFigures([0.9, 0.1, 0, 0.6, 0.4, 0], [0, 1], 3)!;
    expect(figures.accuracy).toBe(0.5);
    expect(figures.macroF1).toBeCloseTo((2 / 3 + 0) / 2, 12);
    expect(figures.recall_K).toEqual([1, 0, null]);
  });
  test('the precision–recall curve ends at recall 1', () => {
    expect(precisionRecallCurve(scores, labels)).toEqual([
      { threshold: 0.9, precision: 1, recall: 0.5 },
      { threshold: 0.8, precision: 0.5, recall: 0.5 },
      { threshold: 0.7, precision: 2 / 3, recall: 1 },
      { threshold: 0.6, precision: 0.5, recall: 1 },
    ]);
  });
  test('a precision–recall curve has no more points than asked for, and still ends at recall 1', () => {
    for (const records of [200, 201, 399, 400, 401]) {
      const falling = Array.from({ length: records }, (_, i) => -i);
      const curve = precisionRecallCurve(
        falling,
        falling.map((_, i) => i % 2),
        undefined,
        200,
      );
      expect(curve.length).toBeLessThanOrEqual(200);
      expect(curve.at(-1)).toEqual({
        threshold: 1 - records,
        precision: Math.floor(records / 2) / records,
        recall: 1,
      });
    }
  });
  test('different lengths and NaN are refused', () => {
    expect(() => auroc([1], [1, 0])).toThrow(expect.objectContaining({ code: 'SHAPE_MISMATCH' }) as Error);
    expect(() => auroc([Number.NaN, 1], [1, 0])).toThrow(
      expect.objectContaining({ code: 'NON_FINITE' }) as Error,
    );
  });
});

describe('cluster bootstrap', () => {
  const mean =
    (values: number[]) =>
    (weights: Float64Array): number | null => {
      const total = weights.reduce((a, b) => a + b, 0);
      return total === 0 ? null : values.reduce((sum, v, i) => sum + v * weights[i]!, 0) / total;
    };
  const random = (): Random => new Random(1, 'bootstrap');

  test('the interval of a mean is that of the normal approximation when records are independent', () => {
    const values = Array.from({ length: 400 }, (_, i) => i % 2);
    const [low, high] = clusterBootstrap(mean(values), {
      clusters: values.map((_, i) => String(i)),
      random: random(),
      replicates: 2000,
    })!;
    expect(low).toBeCloseTo(0.5 - 1.96 * 0.025, 2);
    expect(high).toBeCloseTo(0.5 + 1.96 * 0.025, 2);
  });
  test('records of one cluster are drawn together, which widens it', () => {
    const values = Array.from({ length: 400 }, (_, i) => (i < 200 ? 0 : 1));
    const [low, high] = clusterBootstrap(mean(values), {
      clusters: values.map((_, i) => String(Math.floor(i / 40))),
      random: random(),
      replicates: 2000,
    })!;
    expect(high - low).toBeGreaterThan(0.4);
  });
  test('no interval when the metric is mostly undefined', () => {
    expect(clusterBootstrap(() => null, { clusters: ['a'], random: random(), replicates: 10 })).toBeNull();
  });
});

const FACTS = join(__dirname, '../../../../.assay/setup.json');

(process.env['ASSAY_SKIP_REFERENCES'] === '1' ? describe.skip : describe)(
  'scikit-learn and scipy agree to 1e-9',
  () => {
    const random = new Random(5, 'cases');
    const draw = <T>(n: number, value: () => T): T[] => Array.from({ length: n }, value);
    const makeCase = (i: number) => {
      const n = 1 + random.integer(i % 3 === 0 ? 6 : 200);
      const levels = i % 4 === 0 ? 3 : 1e6; // few levels make many ties
      const probabilities = draw(n, () => Math.round(random.uniform() * levels) / levels);
      const labels: number[] = draw(n, () => (i % 7 === 0 ? i % 2 : Number(random.bernoulli(0.3))));
      const weights: number[] = draw(n, () => (i % 2 === 0 ? 1 : Math.max(0, random.uniform() - 0.2)));
      if (!weights.some((weight) => weight > 0)) weights.fill(1);
      return {
        scores: i % 11 === 0 ? draw(n, () => 0.5) : probabilities,
        probabilities,
        labels,
        weights,
        threshold: 0.5,
      };
    };
    const binary = Array.from({ length: 80 }, (_, i) => makeCase(i));
    const multiClass = Array.from({ length: 20 }, (_, i) => {
      const numClasses = 2 + (i % 4);
      const n = 1 + random.integer(60);
      return {
        numClasses,
        truth: draw(n, () => random.integer(numClasses)),
        predicted: draw(n, () => random.integer(numClasses)),
      };
    });
    const tails = draw(60, (): [number, number, number] => {
      const n = 1 + random.integer(3000);
      return [random.integer(n + 1), n, 0.01 + 0.98 * random.uniform()];
    });
    const wilson = draw(20, (): [number, number] => {
      const n = 1 + random.integer(500);
      return [random.integer(n + 1), n];
    });
    let expected: {
      binary: Record<string, number | null>[];
      multiClass: Record<string, number>[];
      tails: number[];
      wilson: [number, number][];
    };

    beforeAll(() => {
      const python = existsSync(FACTS)
        ? (JSON.parse(readFileSync(FACTS, 'utf8')) as { python: { references: string | null } }).python
            .references
        : null;
      if (python === null)
        throw new Error('the Python references are missing; run: npm run setup -- --with references');
      const script = join(__dirname, '../../scripts/reference_metrics.py');
      const { stdout, stderr, status } = spawnSync(python, ['-W', 'ignore', script], {
        input: JSON.stringify({ binary, multiClass, tails, wilson }),
        encoding: 'utf8',
      });
      if (status !== 0) throw new Error(stderr);
      expected = JSON.parse(stdout) as typeof expected;
    }, 60_000);

    test('average precision, AUROC, log loss, Brier, precision, recall, F1', () => {
      binary.forEach(({ scores, probabilities, labels, weights, threshold }, i) => {
        const ours: Record<string, number | null> = {
          averagePrecision: averagePrecision(scores, labels, weights),
          auroc: auroc(scores, labels, weights),
          logLoss: logLoss(probabilities, labels, weights),
          brier: brierScore(probabilities, labels, weights),
          ...precisionRecallF1(confusionAt(threshold, scores, labels, weights)),
        };
        for (const [name, value] of Object.entries(expected.binary[i]!)) {
          if (value === null) expect([i, name, ours[name]]).toEqual([i, name, null]);
          else if (name === 'logLoss')
            expectClose([ours[name]!], [value], { relative: 1e-9, absolute: 2 }); // other clipping of 0 and 1
          else expectClose([ours[name]!], [value], { absolute: 1e-9 });
          if (name === 'logLoss' && probabilities.every((p) => p > 0 && p < 1))
            expectClose([ours[name]!], [value!], { relative: 1e-9 });
        }
      });
    });
    test('accuracy and macro-F1', () => {
      multiClass.forEach(({ numClasses, truth, predicted }, i) => {
        const oneHot = predicted.flatMap((c) =>
          Array.from({ length: numClasses }, (_, k) => Number(k === c)),
        );
        const ours = multiClassFigures(oneHot, truth, numClasses)!;
        expectClose(
          [ours.accuracy, ours.macroF1],
          [expected.multiClass[i]!['accuracy']!, expected.multiClass[i]!['macroF1']!],
          { absolute: 1e-9 },
        );
      });
    });
    test('binomial tails and Wilson intervals', () => {
      expectClose(
        tails.map(([k, n, p]) => binomialUpperTail(k, n, p)),
        expected.tails,
        { absolute: 1e-10 },
      );
      expectClose(
        wilson.flatMap(([k, n]) => wilsonInterval(k, n)!),
        expected.wilson.flat(),
        { absolute: 1e-9 },
      );
    });
  },
);
