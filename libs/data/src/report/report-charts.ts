import { CHART_COLORS, CHART_CONFIG } from '@assay/report-page';
import type { TopLevelSpec } from 'vega-lite';
import { SPLITS, type Split } from '../split-key.js';
import type { DuplicateFacts } from './families.js';
import type { ImageFacts } from './image-facts.js';
import type { LengthSummary } from './text-lengths.js';

const SIZE = { width: 300, height: 150 };
const COLORS: Record<Split, string> = {
  train: CHART_COLORS.accent,
  validation: CHART_COLORS.second,
  calibration: CHART_COLORS.third,
  test: CHART_COLORS.warn,
};
const recordsAxis = {
  field: 'count',
  type: 'quantitative',
  title: 'records',
  axis: { tickCount: 4, tickMinStep: 1 },
} as const;

/** Texts by length, on a logarithmic axis. */
export function lengthChart({ bins, max }: LengthSummary, unit: string): TopLevelSpec {
  return {
    ...SIZE,
    config: CHART_CONFIG,
    data: { values: bins },
    mark: { type: 'rect', color: CHART_COLORS.accent, xOffset: 1 },
    encoding: {
      x: {
        field: 'from',
        type: 'quantitative',
        title: unit,
        scale: {
          type: 'log',
          domain: [bins[0]?.from ?? 1, Math.max(bins.at(-1)?.to ?? 2, max)],
          nice: false,
        },
        axis: { grid: false, values: ROUND_NUMBERS, format: ',d', labelOverlap: 'greedy' },
      },
      x2: { field: 'to' },
      y: recordsAxis,
      y2: { datum: 0 },
    },
  };
}

const ROUND_NUMBERS = Array.from({ length: 9 }, (_, k) =>
  [1, 2, 3, 5, 7].map((first) => first * 10 ** k),
).flat();

/** The share of each class in each split. */
export function prevalenceChart(
  classes: readonly { name: string; shares: Record<Split, number | null> }[],
): TopLevelSpec {
  const values = classes.flatMap(({ name, shares }) =>
    SPLITS.flatMap((split) => (shares[split] === null ? [] : [{ name, split, share: shares[split] }])),
  );
  return {
    width: SIZE.width,
    height: { step: 26 },
    config: CHART_CONFIG,
    data: { values },
    encoding: {
      y: { field: 'name', type: 'nominal', title: null, sort: null, axis: { grid: true, labelLimit: 130 } },
      x: { field: 'share', type: 'quantitative', title: 'share of the known labels', scale: { zero: true } },
      color: {
        field: 'split',
        type: 'nominal',
        scale: { domain: [...SPLITS], range: SPLITS.map((split) => COLORS[split]) },
      },
    },
    mark: { type: 'point', filled: true, size: 80, opacity: 0.85 },
  };
}

/** Records by their number of images. */
export function imagesPerRecordChart({ perRecord }: ImageFacts): TopLevelSpec {
  const last = perRecord.length - 1;
  const values = perRecord.map((count, images) => ({
    images: images === last ? `${last}+` : String(images),
    count,
  }));
  return {
    ...SIZE,
    config: CHART_CONFIG,
    data: { values: values.slice(0, perRecord.findLastIndex((count) => count > 0) + 1) },
    mark: { type: 'bar', color: CHART_COLORS.accent },
    encoding: {
      x: {
        field: 'images',
        type: 'ordinal',
        sort: null,
        title: 'images of a record',
        axis: { labelAngle: 0 },
      },
      y: recordsAxis,
    },
  };
}

/** Images by width and height; a larger dot stands for more images. */
export function imageSizeChart({ sizes }: ImageFacts): TopLevelSpec {
  const shown = sizes.slice(0, MAX_DOTS);
  const sides = shown.flatMap(({ width, height }) => [width, height]);
  const [least, most] = [Math.min(...sides), Math.max(...sides)];
  const isWide = most > 10 * least;
  const scale = isWide
    ? { type: 'log' as const, domain: [least / 1.2, most * 1.2], nice: false }
    : { domain: [0.9 * least, 1.05 * most], zero: false };
  const axis = (field: string) => ({
    field,
    type: 'quantitative' as const,
    title: field,
    scale,
    axis: { format: ',d', ...(isWide ? { values: ROUND_NUMBERS } : { tickCount: 5, tickMinStep: 1 }) },
  });
  return {
    width: 200,
    height: 200,
    config: CHART_CONFIG,
    data: { values: shown },
    mark: { type: 'point', filled: true, color: CHART_COLORS.accent, opacity: 0.4 },
    encoding: {
      x: axis('width'),
      y: axis('height'),
      size: { field: 'count', type: 'quantitative', legend: null, scale: { range: [25, 500] } },
    },
  };
}

const MAX_DOTS = 400;

/** Pairs of near-duplicate texts by similarity. */
export function similarityChart({ similarities }: DuplicateFacts): TopLevelSpec {
  const values = similarities.map(({ from, count }) => ({ from, to: from + 0.02, count }));
  return {
    ...SIZE,
    config: CHART_CONFIG,
    data: { values },
    mark: { type: 'bar', color: CHART_COLORS.accent, binSpacing: 1 },
    encoding: {
      x: {
        field: 'from',
        type: 'quantitative',
        bin: { binned: true, step: 0.02 },
        title: 'Jaccard similarity',
        scale: { domain: [Math.min(0.8, values[0]?.from ?? 0.8), 1] },
        axis: { grid: false, format: '.2f' },
      },
      x2: { field: 'to' },
      y: { ...recordsAxis, title: 'pairs of texts' },
    },
  };
}
