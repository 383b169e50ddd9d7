import { DARK_CHART_RULES } from './chart-theme.js';

/** Style of all reports: one column on a phone, charts beside figures on a desk, light and dark. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --text: #1c2333; --quiet: #56617a; --line: #dfe5ee; --card: #ffffff; --page: #f4f6fb; --accent: #3b5bdb; --good: #2b8a3e; --bad: #c92a2a; }
@media (prefers-color-scheme: dark) {
:root { --text: #e6eaf3; --quiet: #9da8bf; --line: #2d3549; --card: #1a2030; --page: #10141f; --accent: #91a7ff; --good: #69db7c; --bad: #ff8787; }
${DARK_CHART_RULES}
}
* { box-sizing: border-box; }
body { margin: 0; padding: 0 16px 48px; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
header, main, footer { max-width: 1180px; margin: 0 auto; }
header { padding: 36px 0 12px; }
.kicker { margin: 0; color: var(--accent); font-weight: 600; letter-spacing: .06em; text-transform: uppercase; font-size: 12px; }
h1 { margin: 4px 0; font-size: 30px; }
h2 { margin: 0 0 10px; font-size: 19px; }
h2 small { color: var(--quiet); font-weight: 400; font-size: 14px; margin-left: 6px; }
.lead { margin: 0 0 16px; color: var(--quiet); }
.badge { font-size: 14px; padding: 3px 12px; border-radius: 99px; vertical-align: middle; color: #fff; background: #2b8a3e; }
.badge.fail { background: #c92a2a; }
.facts { display: flex; flex-wrap: wrap; gap: 6px 28px; margin: 0; }
.facts dt { color: var(--quiet); font-size: 12px; } .facts dd { margin: 0; font-variant-numeric: tabular-nums; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 18px 20px; margin-top: 16px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); gap: 12px; padding: 0; border: 0; background: none; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 14px 18px; }
.tile b { display: block; font-size: 19px; } .tile span { color: var(--quiet); font-size: 13px; }
.split { display: grid; gap: 20px; } .split > * { min-width: 0; } .split table { font-size: 14px; } .split :is(th, td) { padding-right: 8px; } .split td:first-child { white-space: normal; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(220px, 1fr)); gap: 12px; }
figure { margin: 0; padding: 8px 0; min-width: 0; } figure svg { width: 100%; height: auto; }
figcaption { color: var(--quiet); font-size: 12.5px; text-align: center; }
.scroll { overflow-x: auto; }
.numbers-1 :is(th, td):nth-child(n + 2), .numbers-2 :is(th, td):nth-child(n + 3), .numbers-3 :is(th, td):nth-child(n + 4) { text-align: right; }
.wrap :is(th, td) { white-space: normal; } .wrap td { overflow-wrap: anywhere; }
a { color: var(--accent); } .more { margin: 8px 0 0; font-size: 13px; }
.terms { margin: 0; display: grid; gap: 8px; } .terms dt { font-weight: 600; } .terms dd { margin: 0; color: var(--quiet); }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { text-align: left; color: var(--quiet); font-weight: 500; font-size: 13px; }
th, td { padding: 5px 14px 5px 0; border-bottom: 1px solid var(--line); white-space: nowrap; } tr:last-child td { border-bottom: 0; }
:is(.reasons, .warnings) { margin: 0 0 10px; padding-left: 20px; }
.errors { padding-left: 20px; } .errors p { margin: 10px 0 2px; } small { color: var(--quiet); }
blockquote { margin: 0; padding: 6px 12px; border-left: 3px solid var(--line); color: var(--quiet); overflow-wrap: anywhere; }
.hidden-mark { font: 10px/1 ui-monospace, monospace; padding: 1px 3px; border-radius: 3px; background: var(--bad); color: var(--card); white-space: nowrap; }
.clipped { color: var(--quiet); font-size: 12px; }
footer { color: var(--quiet); font-size: 13px; margin-top: 20px; }
@media (min-width: 1000px) { .split { grid-template-columns: 360px 1fr; } }
@media (max-width: 560px) { h1 { font-size: 24px; } section { padding: 14px; } th, td { padding-right: 8px; } }
`;
