import type { Setting } from './photo-plan.js';

/** Lines of a grid or of stripes, `step` units apart in a box of 100 × 100. */
const lines = (step: number, line: (at: number) => string): string =>
  Array.from({ length: Math.floor(100 / step) }, (_, i) => line((i + 1) * step)).join('');

const DRAWINGS: Readonly<Record<Setting, (hue: number) => string>> = {
  plain: (hue) => `<rect width="100" height="100" fill="hsl(${hue},30%,84%)"/>`,
  gradient: (hue) =>
    `<defs><linearGradient id="g" x2="1" y2="1"><stop stop-color="hsl(${hue},35%,90%)"/><stop offset="1" stop-color="hsl(${hue},35%,58%)"/></linearGradient></defs><rect width="100" height="100" fill="url(#g)"/>`,
  table: (hue) =>
    `<rect width="100" height="100" fill="hsl(${hue},25%,88%)"/><rect y="62" width="100" height="38" fill="hsl(30,35%,48%)"/>`,
  stripes: (hue) =>
    `<rect width="100" height="100" fill="hsl(${hue},25%,80%)"/>${lines(12, (x) => `<rect x="${x}" width="5" height="100" fill="hsl(${hue},25%,72%)"/>`)}`,
  workbench: (hue) =>
    `<rect width="100" height="100" fill="hsl(30,40%,${40 + (hue % 12)}%)"/>${lines(20, (y) => `<path d="M0 ${y}h100" stroke="hsl(30,40%,30%)" stroke-width="1.5"/>`)}<path d="M4 92l26-26" stroke="#7a838a" stroke-width="4"/><path d="M96 8l-22 22" stroke="#b5462f" stroke-width="6"/>`,
  blueprint: (hue) =>
    `<rect width="100" height="100" fill="hsl(${205 + (hue % 20)},55%,${42 + (hue % 10)}%)"/>${lines(10, (at) => `<path d="M0 ${at}h100M${at} 0v100" stroke="#cfe3f5" stroke-width="0.7"/>`)}`,
  carton: (hue) =>
    `<rect width="100" height="100" fill="hsl(${hue},10%,70%)"/>${[0, 34, 68].map((x) => `<rect x="${x}" y="4" width="31" height="40" fill="#b98d5a" stroke="#7d5c36" stroke-width="1.5"/><path d="M${x} 22h31" stroke="#e4cfa8" stroke-width="5"/>`).join('')}`,
  shelf: (hue) =>
    `<rect width="100" height="100" fill="hsl(${hue},20%,62%)"/>${[30, 64, 97].map((y) => `<rect y="${y}" width="100" height="4" fill="#5a4330"/>`).join('')}${[8, 26, 80, 92].map((x, i) => `<rect x="${x}" y="${14 + 34 * (i % 2)}" width="9" height="16" fill="hsl(${(hue + 70 * i) % 360},45%,45%)"/>`).join('')}`,
};

/** SVG of the background in a box of 100 × 100. */
export function drawSetting(setting: Setting, hue: number): string {
  return DRAWINGS[setting](hue);
}
