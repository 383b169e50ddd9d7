import { SPLITS, type Split } from '../split-key.js';

const CHIPS: Record<Split, [light: string, dark: string]> = {
  train: ['#3b5bdb', '#91a7ff'],
  validation: ['#0b7285', '#3bc9db'],
  calibration: ['#9c36b5', '#da77f2'],
  test: ['#d9480f', '#ff922b'],
};

const chipRules = (which: 0 | 1): string =>
  SPLITS.map((split) => `.chip.${split} { --chip: ${CHIPS[split][which]}; }`).join('\n');

/** Rules of the data report beside those of all reports. */
export const DATA_REPORT_STYLE = `
nav { display: flex; flex-wrap: wrap; gap: 4px 16px; margin-top: 14px; font-size: 14px; }
.toolbar { display: flex; gap: 8px; align-items: center; margin: 16px 0 0; font-size: 14px; }
h3 { margin: 20px 0 8px; font-size: 16px; } h3 small { font-weight: 400; font-size: 13px; margin-left: 4px; }
p { margin: 8px 0; }
.quiet { color: var(--quiet); font-size: 13px; }
.badge.leaky { background: #c92a2a; } .badge.clean { background: #2b8a3e; } .badge.unsure { background: #b35c00; }
.verdict { padding: 10px 14px; border-radius: 8px; border-left: 4px solid var(--edge); background: color-mix(in srgb, var(--edge) 10%, transparent); }
.verdict.good { --edge: var(--good); } .verdict.bad { --edge: var(--bad); }
.zero { color: var(--good); font-weight: 600; } .shared { color: var(--bad); font-weight: 700; } .far { color: var(--bad); font-weight: 600; font-size: 13px; }
.pair { display: grid; gap: 8px 28px; } .pair > * { min-width: 0; } .pair figure svg { max-width: 480px; }
.charts figure svg { max-width: 420px; max-height: 300px; }
figure { text-align: center; }
.bar { display: inline-block; width: 72px; height: 8px; margin-right: 8px; border-radius: 4px; background: var(--line); overflow: hidden; vertical-align: 1px; }
.bar > span { display: block; height: 100%; background: var(--accent); }
.chip { display: inline-block; padding: 0 8px; border-radius: 99px; font-size: 12px; line-height: 20px; white-space: nowrap; color: var(--chip, var(--quiet)); background: color-mix(in srgb, var(--chip, var(--quiet)) 14%, transparent); }
.chip.positive { --chip: var(--text); font-weight: 600; } .chip.first { --chip: var(--good); }
${chipRules(0)}
.records { display: grid; gap: 12px; grid-template-columns: repeat(auto-fill, minmax(min(260px, 100%), 1fr)); }
.record { min-width: 0; border: 1px solid var(--line); border-radius: 10px; padding: 10px 12px; background: var(--page); contain: paint; }
.record-head { display: flex; flex-wrap: wrap; gap: 4px 8px; align-items: center; margin: 0 0 6px; font-size: 13px; } .record-head b { overflow-wrap: anywhere; }
.labels { display: flex; flex-wrap: wrap; gap: 4px; margin: 0 0 8px; }
.field { margin-top: 6px; font-size: 13.5px; line-height: 1.45; } .field > span { display: block; color: var(--quiet); font-size: 11.5px; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; max-height: 8.7em; overflow: auto; contain: paint; unicode-bidi: isolate; }
.photos { display: flex; gap: 8px; align-items: center; margin-bottom: 6px; }
.photo { flex: 0 1 auto; max-width: calc(50% - 4px); position: relative; display: block; overflow: hidden; border-radius: 8px; background: var(--line); cursor: pointer; line-height: 0; }
.photo input { position: absolute; opacity: 0; inset: 0; width: 100%; height: 100%; margin: 0; cursor: pointer; z-index: 1; }
.photo img { width: auto; height: 92px; max-width: 100%; object-fit: cover; filter: blur(14px) saturate(.5); transition: filter .15s; }
.photo::after { content: "show"; position: absolute; left: 6px; bottom: 6px; padding: 0 7px; border-radius: 99px; font-size: 11px; line-height: 18px; color: #fff; background: rgb(0 0 0 / .55); pointer-events: none; }
.photo:has(:checked) img, body:has(#show-all:checked) .photo img { filter: none; }
.photo:has(:checked)::after, body:has(#show-all:checked) .photo::after { content: none; }
.photo:has(:focus-visible) { outline: 3px solid var(--accent); outline-offset: 2px; }
.no-photo, .more-images { color: var(--quiet); font-size: 12.5px; } .no-photo { padding: 6px 10px; border: 1px dashed var(--line); border-radius: 8px; }
.family { margin-top: 14px; padding-left: 14px; border-left: 3px solid var(--line); } .family.crosses { border-color: var(--bad); }
.family-head { margin: 0 0 8px; }
details { border-top: 1px solid var(--line); padding: 8px 0; } summary { cursor: pointer; }
.rejected { padding-left: 22px; font-size: 14px; } code { font: 12.5px/1.5 ui-monospace, SFMono-Regular, Menlo, monospace; }
.raw { display: inline-block; max-width: 100%; max-height: 9em; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; contain: paint; color: var(--quiet); }
td:first-child { min-width: 7.5em; } td:first-child bdi { white-space: normal; overflow-wrap: anywhere; }
dd { overflow-wrap: anywhere; }
@media (prefers-color-scheme: dark) {
${chipRules(1)}
}
@media (min-width: 1000px) { .pair { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); align-items: start; } }
@media (max-width: 560px) { .bar { width: 44px; } .family { padding-left: 10px; } }
`;
