import type { TopLevelSpec } from 'vega-lite';
import type { PolicyReport } from './report.js';

const ACCENT = '#3b5bdb';
const WARN = '#e8590c';
const SIZE = { width: 250, height: 170 };
const CONFIG = {
  background: 'transparent',
  font: 'system-ui, sans-serif',
  axis: {
    gridColor: '#e3e8f0',
    domainColor: '#9aa5b8',
    tickColor: '#9aa5b8',
    labelColor: '#56617a',
    titleColor: '#56617a',
    titleFontWeight: 'normal',
  },
  legend: { labelColor: '#56617a', title: null, orient: 'top' },
  view: { stroke: null },
} as const;
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
    config: CONFIG,
    layer: [
      {
        data: { values: [{ prevalence: known > 0 ? positives / known : 0 }] },
        mark: { type: 'rule', color: '#9aa5b8', strokeDash: [4, 4] },
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
    config: CONFIG,
    spacing: 10,
    vconcat: [
      scorePanel(policy, { field: 'negatives', title: 'no violation', color: '#8496b5', axis: null }),
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
        mark: { type: 'rule', color: '#1c2333', strokeDash: [3, 3] },
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
    config: CONFIG,
    layer: [
      { data: { values: diagonal }, mark: { type: 'line', color: '#9aa5b8', strokeDash: [4, 4] }, encoding },
      {
        data: { values: reliability },
        mark: { type: 'line', color: ACCENT, point: { color: ACCENT, filled: true, size: 40 } },
        encoding,
      },
    ],
  };
}

/**
 * Draws a chart as SVG. The charting library is loaded on the first call.
 *
 * @param title what the picture shows, for readers who cannot see it
 */
export async function drawSvg(spec: TopLevelSpec, title: string): Promise<string> {
  const [{ View, parse, Error: errorLevel }, { compile }] = await Promise.all([
    import('vega'),
    import('vega-lite'),
  ]);
  const view = new View(parse(compile(spec).spec), { renderer: 'none', logLevel: errorLevel });
  try {
    const svg = await view.toSVG();
    return svg.replace('<svg ', `<svg role="img" aria-label="${escapeHtml(title)}" `);
  } finally {
    view.finalize();
  }
}

/** Text that HTML shows as it is: listings are written by strangers. */
export function escapeHtml(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}
