/** Colours of the charts on a light page; the page's style turns each into its dark counterpart where the page is dark. */
export const CHART_COLORS = {
  text: '#1c2333',
  quiet: '#56617a',
  axis: '#9aa5b8',
  grid: '#e3e8f0',
  accent: '#3b5bdb',
  muted: '#8496b5',
  warn: '#e8590c',
  second: '#0b7285',
  third: '#9c36b5',
} as const;

const DARK_COLORS: Record<keyof typeof CHART_COLORS, string> = {
  text: '#e6eaf3',
  quiet: '#9da8bf',
  axis: '#5c6780',
  grid: '#2d3549',
  accent: '#91a7ff',
  muted: '#7284a6',
  warn: '#ff922b',
  second: '#3bc9db',
  third: '#da77f2',
};

/** Rules that repaint the charts on a dark page. */
export const DARK_CHART_RULES = Object.entries(CHART_COLORS)
  .flatMap(([name, light]) =>
    ['fill', 'stroke'].map(
      (property) =>
        `figure svg [${property}="${light}"] { ${property}: ${DARK_COLORS[name as keyof typeof CHART_COLORS]}; }`, // its own key
    ),
  )
  .join('\n');

/** Look of all charts. */
export const CHART_CONFIG = {
  background: 'transparent',
  font: 'system-ui, sans-serif',
  axis: {
    gridColor: CHART_COLORS.grid,
    domainColor: CHART_COLORS.axis,
    tickColor: CHART_COLORS.axis,
    labelColor: CHART_COLORS.quiet,
    titleColor: CHART_COLORS.quiet,
    titleFontWeight: 'normal',
  },
  legend: { labelColor: CHART_COLORS.quiet, title: null, orient: 'top' },
  view: { stroke: null },
} as const;
