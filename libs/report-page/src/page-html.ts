import { escapeHtml } from './escape-html.js';
import { PAGE_STYLE } from './page-style.js';

/** What a report consists of. `badge`, `facts`, `main` and `footer` are markup, the rest is text. */
export interface Page {
  /** What kind of report it is. */
  kicker: string;
  heading: string;
  lead: string;
  badge: string;
  facts: string;
  main: string;
  footer: string;
  /** Rules beside those of all pages. */
  style?: string;
}

/** Nothing is loaded and nothing runs, whatever a stranger has smuggled into a text. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/** One HTML page that needs nothing else: no script, no font, no picture from outside. */
export function pageHtml(page: Page): string {
  const { kicker, heading, lead, badge, facts, main, footer, style = '' } = page;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(heading)}: ${escapeHtml(kicker.toLowerCase())}</title>
<style>${PAGE_STYLE}${style}</style>
</head>
<body>
<header>
<p class="kicker">${escapeHtml(kicker)}</p>
<h1>${escapeHtml(heading)} ${badge}</h1>
${lead === '' ? '' : `<p class="lead">${escapeHtml(lead)}</p>`}
${facts}
</header>
<main>
${main}
</main>
<footer>${footer}</footer>
</body>
</html>
`;
}
