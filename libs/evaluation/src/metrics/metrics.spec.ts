import { join } from 'node:path';
import { Random } from '@assay/core';
import { expectClose, runReference, withReferences } from '@assay/testing';
import { binomialUpperTail } from '../binomial.js';
import {
  auroc,
  averagePrecision,
  brierScore,
  clusterBootstrap,
  clusteredProportion,
  confusionAt,
  exactInterval,
  logLoss,
  multiClassFigures,
  precisionRecallCurve,
  precisionRecallF1,
  wilsonInterval,
} from '../index.js';
import { betaQuantile, studentTQuantile } from './incomplete-beta.js';

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
  test('pairs that cancel out count for no more than two pairs can tell', () => {
    // n_eff = 4 · (t₃ / t₁)² = 4 · (3.182 / 12.706)² = 0.25 is less than the two records that two pairs are worth at least.
    const clusters = ['a', 'a', 'b', 'b'];
    expect(
      clusteredProportion({ success_N: [1, 0, 1, 0], counted_N: [1, 1, 1, 1], clusters }).interval,
    ).toEqual(wilsonInterval(1, 2));
  });
  test('pairs that differ by chance lose records by the factor G/(G − 1) and by the quantile of Student’s t', () => {
    // 40 pairs: 30 of two successes, 10 of one. p = 70/80, Σ(y − 2p)² = 30/16 + 10 · 9/16 = 7.5, 7.5 · 40/39 / (80 · p · q) < 1.
    const clusters = Array.from({ length: 80 }, (_, n) => String(n >> 1));
    const success = clusters.map((_, n) => (n < 60 || n % 2 === 0 ? 1 : 0));
    const effective = 80 * (1.99045021 / 2.02269092) ** 2; // t of 79 and of 39
    expectClose(
      clusteredProportion({ success_N: success, counted_N: clusters.map(() => 1), clusters }).interval!,
      wilsonInterval((70 / 80) * effective, effective)!,
      { absolute: 1e-8 },
    );
  });
  test('where all agree each cluster counts once; what does not count is left out', () => {
    const clusters = ['a', 'a', 'b', 'c', 'd', 'd'];
    const all = { success_N: [1, 1, 1, 0, 1, 1], counted_N: [1, 1, 1, 0, 0, 0], clusters };
    const effective = 3 ** 2 / (2 ** 2 + 1); // clusters of 2 and 1 records
    expect(clusteredProportion(all)).toEqual({ value: 1, interval: wilsonInterval(effective, effective) });
    expect(clusteredProportion({ ...all, counted_N: [0, 0, 0, 0, 0, 0] })).toEqual({
      value: null,
      interval: null,
    });
  });
});

describe('few clusters', () => {
  /** Successes of each cluster of `size` records. */
  const proportion = (successes: readonly number[], size: number) => {
    const clusters = successes.flatMap((_, c) => new Array<string>(size).fill(`c${c}`));
    const success_N = successes.flatMap((y) => Array.from({ length: size }, (_, i) => (i < y ? 1 : 0)));
    return clusteredProportion({ success_N, counted_N: clusters.map(() => 1), clusters });
  };

  test('a single cluster counted as that many independent records: it counts as one', () => {
    expect(proportion([15], 30)).toEqual({ value: 0.5, interval: wilsonInterval(0.5, 1) }); // was [0.33, 0.67]
    expect(proportion([30], 30)).toEqual({ value: 1, interval: wilsonInterval(1, 1) });
    expect(proportion([1], 1)).toEqual({ value: 1, interval: wilsonInterval(1, 1) });
  });
  test('one more error raised the lower end from 0.44 to 0.96', () => {
    const spread = Array.from({ length: 151 }, (_, errors) =>
      [0, 1, 2].map((c) => 50 - Math.floor((errors + 2 - c) / 3)),
    );
    const inOne = Array.from({ length: 51 }, (_, errors) => [50 - errors, 50, 50]);
    for (const path of [spread, inOne]) {
      const lows = path.map((successes) => proportion(successes, 50).interval![0]);
      expect(lows[0]).toBeCloseTo(3 / (3 + 1.959964 ** 2), 6);
      lows.slice(1).forEach((low, i) => expect([i, low]).toEqual([i, Math.min(low, lows[i]!)]));
    }
    const [low, high] = proportion([0, 1, 0], 50).interval!;
    const [mirroredLow, mirroredHigh] = proportion([50, 49, 50], 50).interval!;
    expectClose([low, high], [1 - mirroredHigh, 1 - mirroredLow], { absolute: 1e-12 });
  });
  test('95 % intervals covered 75 to 92 % of draws with few clusters', () => {
    const DRAWS = 200;
    const random = new Random(11, 'coverage');
    /** Two records of a cluster have the correlation 0.3: each copies the cluster's own draw with its square root. */
    const drawCluster = (rate: number): number => {
      const common = random.bernoulli(rate);
      const record = (): boolean => (random.bernoulli(Math.sqrt(0.3)) ? common : random.bernoulli(rate));
      return Array.from({ length: 10 }, record).filter(Boolean).length;
    };
    const coverage = (numClusters: number, rate: number): number => {
      let covered = 0;
      for (let draw = 0; draw < DRAWS; draw++) {
        const successes = Array.from({ length: numClusters }, () => drawCluster(rate));
        const [low, high] = proportion(successes, 10).interval!;
        if (low <= rate && rate <= high) covered++;
      }
      return covered / DRAWS;
    };
    const allowed = 0.95 - 3 * Math.sqrt((0.95 * 0.05) / DRAWS);
    expect(coverage(4, 0.3)).toBeGreaterThan(allowed);
    expect(coverage(8, 0.9)).toBeGreaterThan(allowed);
  });
  test('the exact interval of 7 of 7 starts at the seventh root of 0.025', () => {
    expectClose(exactInterval(7, 7)!, [0.025 ** (1 / 7), 1], { absolute: 1e-12 });
    expectClose(exactInterval(0, 7)!, [0, 1 - 0.025 ** (1 / 7)], { absolute: 1e-12 });
    expect(exactInterval(0, 0)).toBeNull();
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

  test('the interval of a mean is that of the normal approximation when records are independent', async () => {
    const values = Array.from({ length: 400 }, (_, i) => i % 2);
    const [low, high] = (await clusterBootstrap(mean(values), {
      clusters: values.map((_, i) => String(i)),
      random: random(),
      replicates: 800,
    }))!;
    expect(low).toBeCloseTo(0.5 - 1.96 * 0.025, 2);
    expect(high).toBeCloseTo(0.5 + 1.96 * 0.025, 2);
  });
  test('records of one cluster are drawn together, which widens it', async () => {
    const values = Array.from({ length: 400 }, (_, i) => (i < 200 ? 0 : 1));
    const [low, high] = (await clusterBootstrap(mean(values), {
      clusters: values.map((_, i) => String(Math.floor(i / 40))),
      random: random(),
      replicates: 800,
    }))!;
    expect(high - low).toBeGreaterThan(0.4);
  });
  test('no interval when the metric is mostly undefined', async () => {
    const clusters = ['a', 'b'];
    expect(await clusterBootstrap(() => null, { clusters, random: random(), replicates: 10 })).toBeNull();
  });
  test('a single cluster gave an interval of no width: it cannot tell', async () => {
    const options = { random: random(), replicates: 20 };
    const values = [1, 1, 0];
    expect(await clusterBootstrap(mean(values), { ...options, clusters: ['a', 'a', 'a'] })).toBeNull();
    const counted_N = [1, 1, 0];
    expect(
      await clusterBootstrap(mean(values), { ...options, counted_N, clusters: ['a', 'a', 'b'] }),
    ).toBeNull();
  });
  test('a long bootstrap did not hear Ctrl-C', async () => {
    const controller = new AbortController();
    setImmediate(() => controller.abort());
    let replicates = 0;
    const metric = (): number => ++replicates;
    await expect(
      clusterBootstrap(metric, {
        clusters: ['a', 'b'],
        random: random(),
        replicates: 1000,
        signal: controller.signal,
      }),
    ).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(replicates).toBeLessThan(50);
  });
  test('what is drawn for a seed does not depend on the turns that it gives away', async () => {
    const values = Array.from({ length: 50 }, (_, i) => (i * i) % 17);
    const clusters = values.map((_, i) => `c${i % 7}`);
    expect(await clusterBootstrap(mean(values), { clusters, random: random(), replicates: 100 })).toEqual([
      7.554928571428571, 8.747979591836735,
    ]);
  });
});

(withReferences ? describe : describe.skip)('scikit-learn and scipy agree to 1e-9', () => {
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
  const quantiles = [0.5, 1, 1.8, 2, 3, 7.3, 14, 29, 99, 1000, 39_999].map((df): [number, number] => [
    0.975,
    df,
  ]);
  quantiles.push([0.6, 3], [0.9, 12], [0.999, 5]);
  const betas = draw(20, (): [number, number, number] => [
    0.01 + 0.98 * random.uniform(),
    0.3 + 40 * random.uniform(),
    0.3 + 4000 * random.uniform(),
  ]);
  let expected: {
    binary: Record<string, number | null>[];
    multiClass: Record<string, number>[];
    tails: number[];
    wilson: [number, number][];
    exact: [number, number][];
    quantiles: number[];
    betas: number[];
  };

  beforeAll(() => {
    const script = join(__dirname, '../../scripts/reference_metrics.py');
    const input = JSON.stringify({ binary, multiClass, tails, wilson, quantiles, betas });
    expected = runReference(script, { input }) as typeof expected;
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
      const oneHot = predicted.flatMap((c) => Array.from({ length: numClasses }, (_, k) => Number(k === c)));
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
  test('Clopper–Pearson intervals, quantiles of Student’s t and of beta', () => {
    expectClose(
      wilson.flatMap(([k, n]) => exactInterval(k, n)!),
      expected.exact.flat(),
      { absolute: 1e-9 },
    );
    expectClose(
      quantiles.map(([p, df]) => studentTQuantile(p, df)),
      expected.quantiles,
      { relative: 1e-9 },
    );
    expectClose(
      betas.map(([p, a, b]) => betaQuantile(p, a, b)),
      expected.betas,
      { relative: 1e-9 },
    );
  });
});
