import type { TopLevelSpec } from 'vega-lite';
import { CHART_COLORS, CHART_CONFIG } from './chart-theme.js';
import { drawSvg } from './draw-svg.js';
import { PAGE_STYLE } from './page-style.js';

const bars: TopLevelSpec = {
  config: CHART_CONFIG,
  data: { values: [{ name: '<script>', rows: 3 }] },
  mark: { type: 'bar', color: CHART_COLORS.accent, clip: true },
  encoding: {
    x: { field: 'rows', type: 'quantitative' },
    y: { field: 'name', type: 'nominal' },
  },
};

test('a chart has a name for those who cannot see it, and no tag of the data', async () => {
  const svg = await drawSvg(bars, 'Rows by "name"');
  expect(svg).toMatch(/^<svg role="img" aria-label="Rows by &quot;name&quot;"/);
  expect(svg).not.toContain('<script>');
  expect(svg).toContain('&lt;script&gt;');
});

test('a name may hold any character', async () => {
  expect(await drawSvg(bars, "price in $$, $& and $'")).toContain(
    'aria-label="price in $$, $&amp; and $&#39;"',
  );
});

test('the same chart is drawn by the same bytes again, another with other ids', async () => {
  const first = await drawSvg(bars, 'x');
  const isSame = (await drawSvg(bars, 'x')) === first;
  expect(isSame).toBe(true);
  const idOf = (svg: string): string | undefined => /clip-path="url\(#([\w-]+)\)"/.exec(svg)?.[1];
  expect(first).toContain(`<clipPath id="${idOf(first)}">`);
  expect(idOf(await drawSvg({ ...bars, width: 300 }, 'x'))).not.toBe(idOf(first));
});

test('every colour of the charts has a counterpart on a dark page', async () => {
  expect(await drawSvg(bars, 'x')).toContain(`fill="${CHART_COLORS.accent}"`);
  for (const color of Object.values(CHART_COLORS))
    expect(PAGE_STYLE).toContain(`[fill="${color}"] { fill: #`);
});
