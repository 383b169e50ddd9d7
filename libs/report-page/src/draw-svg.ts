import { createHash } from 'node:crypto';
import type { TopLevelSpec } from 'vega-lite';
import { escapeHtml } from './escape-html.js';

/**
 * Draws a chart as SVG: equal charts by equal bytes. The charting library is loaded on the first call.
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
    return withOwnIds(svg).replace(
      '<svg ',
      () => `<svg role="img" aria-label="${escapeHtml(title)}" `, // a string would have its $& replaced
    );
  } finally {
    view.finalize();
  }
}

/** The library numbers what charts refer to by all that the process has drawn; here the chart itself gives the name. */
function withOwnIds(svg: string): string {
  const numbers = new Map<string, number>();
  const rename = (prefix: string): string =>
    svg.replaceAll(/(?<=\bid="|url\(#)\w+(?=[")])/g, (id) => {
      if (!numbers.has(id)) numbers.set(id, numbers.size);
      return `${prefix}-${numbers.get(id)}`;
    });
  return rename(`c${createHash('sha256').update(rename('')).digest('hex').slice(0, 12)}`);
}
