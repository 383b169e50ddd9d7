import { CHART_COLORS, CHART_CONFIG } from '@assay/report-page';
import type { TopLevelSpec } from 'vega-lite';
import type { PolicyReport } from './report.js';

const { accent: ACCENT, axis: AXIS, muted: MUTED, text: TEXT, warn: WARN } = CHART_COLORS;
const SIZE = { width: 250, height: 170 };
const share = (field: string, title: string) => ({
  field,
  type: 'quantitative' as const,
  title,
  scale: { domain: [0, 1] },
});

/** Precision over recall on the test split, with the prevalence as a dashed line. */
export function precisionRecallChart({ curve, positives, known }: PolicyReport): TopLevelSpec {
  return {
    ...SIZE,
    config: CHART_CONFIG,
    layer: [
      {
        data: { values: [{ prevalence: known > 0 ? positives / known : 0 }] },
        mark: { type: 'rule', color: AXIS, strokeDash: [4, 4] },
        encoding: { y: share('prevalence', 'precision') },
      },
      {
        data: { values: curve },
        mark: { type: 'line', color: ACCENT, interpolate: 'step-before', strokeWidth: 2 },
        encoding: { x: share('recall', 'recall'), y: share('precision', 'precision') },
      },
    ],
  };
}

/**
 * Test records by score with the thresholds of act and review: violations below the others, each on a linear axis of its own,
 * so that the few are seen beside the many and no bar is longer than its share.
 */
export function scoreChart(policy: PolicyReport): TopLevelSpec {
  return {
    config: CHART_CONFIG,
    spacing: 10,
    vconcat: [
      scorePanel(policy, { field: 'negatives', title: 'no violation', color: MUTED, axis: null }),
      scorePanel(policy, { field: 'positives', title: 'violation', color: WARN, axis: {} }),
    ],
  };
}

type Panel = Extract<TopLevelSpec, { vconcat: unknown }>['vconcat'][number];

interface ScorePanel {
  field: 'positives' | 'negatives';
  title: string;
  color: string;
  /** null hides the axis of scores. */
  axis: object | null;
}

function scorePanel(
  { histogram, operatingPoint: { act, review } }: PolicyReport,
  { field, title, color, axis }: ScorePanel,
): Panel {
  const step = 1 / histogram.length;
  const bars = histogram.map((bin) => ({ from: bin.bin, to: bin.bin + step, records: bin[field] }));
  const rules = [act, review].flatMap((band) => (band === null ? [] : [{ at: band.threshold }]));
  return {
    width: SIZE.width,
    height: (SIZE.height - 10) / 2,
    layer: [
      {
        data: { values: bars },
        mark: { type: 'bar', binSpacing: 1, color },
        encoding: {
          x: {
            field: 'from',
            type: 'quantitative',
            bin: { binned: true, step },
            title: 'score',
            scale: { domain: [0, 1] },
            axis,
          },
          x2: { field: 'to' },
          y: {
            field: 'records',
            type: 'quantitative',
            title,
            axis: { tickCount: 3, tickMinStep: 1, minExtent: 34 },
          },
        },
      },
      {
        data: { values: rules },
        mark: { type: 'rule', color: TEXT, strokeDash: [3, 3] },
        encoding: { x: { field: 'at', type: 'quantitative' } },
      },
    ],
  };
}

/** Share of violations over mean score in bins of equally many records; the diagonal is perfect calibration. */
export function reliabilityChart({ reliability }: PolicyReport): TopLevelSpec {
  const diagonal = [0, 1].map((x) => ({ predicted: x, observed: x }));
  const encoding = { x: share('predicted', 'mean score'), y: share('observed', 'share of violations') };
  return {
    ...SIZE,
    config: CHART_CONFIG,
    layer: [
      { data: { values: diagonal }, mark: { type: 'line', color: AXIS, strokeDash: [4, 4] }, encoding },
      {
        data: { values: reliability },
        mark: { type: 'line', color: ACCENT, point: { color: ACCENT, filled: true, size: 40 } },
        encoding,
      },
    ],
  };
}
