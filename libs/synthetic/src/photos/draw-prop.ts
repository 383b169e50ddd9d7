import type { Prop } from './photo-plan.js';

const badge = (inner: string, hue: number): string =>
  `<circle cx="50" cy="50" r="46" fill="hsl(${hue},55%,90%)" stroke="hsl(${hue},60%,35%)" stroke-width="5"/>${inner}`;

/** A handle with a cross guard, shared by every weapon; the blade points up. */
const hilt = (hue: number): string =>
  `<rect x="45" y="72" width="10" height="20" fill="hsl(${hue},45%,22%)"/><rect x="28" y="66" width="44" height="8" rx="2" fill="hsl(${hue},55%,30%)"/><circle cx="50" cy="94" r="6" fill="hsl(${hue},55%,30%)"/>`;

const CHEVRONS = 'M26 46l24-20l24 20M26 70l24-20l24 20';
const HEXAGON = 'M50 3l41 23.5v47L50 97L9 73.5v-47z';

const DRAWINGS: Readonly<Record<Prop, (hue: number) => string>> = {
  none: () => '',
  dagger: (hue) =>
    `<path d="M50 2l9 16v48h-18v-48z" fill="#dfe5ea" stroke="#59636b" stroke-width="2"/><path d="M50 6v60" stroke="#98a4ad" stroke-width="3"/>${hilt(hue)}`,
  sabre: (hue) =>
    `<path d="M40 66q-4-40 30-64q-6 36-12 64z" fill="#dfe5ea" stroke="#59636b" stroke-width="2"/><path d="M48 64q0-34 18-54" fill="none" stroke="#98a4ad" stroke-width="3"/>${hilt(hue)}`,
  brand: (hue) =>
    `<path d="${HEXAGON}" fill="hsl(${hue},70%,22%)"/><path d="${CHEVRONS}" fill="none" stroke="#fff" stroke-width="10"/>`,
  'brand-outline': (hue) =>
    `<path d="${HEXAGON}" fill="#fff" stroke="hsl(${hue},70%,22%)" stroke-width="7"/><path d="${CHEVRONS}" fill="none" stroke="hsl(${hue},70%,22%)" stroke-width="10"/>`,
  feather: (hue) =>
    `<path d="M50 4q20 22 14 54q-6 14-14 16q-8-2-14-16q-6-32 14-54z" fill="hsl(${hue},40%,70%)"/><path d="M50 8v88" stroke="hsl(${hue},35%,35%)" stroke-width="3"/>`,
  spatula: (hue) =>
    `<rect x="36" y="6" width="28" height="36" rx="6" fill="#cfd6db" stroke="#6a747b" stroke-width="2"/><rect x="47" y="42" width="6" height="18" fill="#8d979e"/><rect x="44" y="58" width="12" height="38" rx="5" fill="hsl(${hue},50%,35%)"/>`,
  candlestick: (hue) =>
    `<rect x="44" y="10" width="12" height="46" fill="#f4efe2"/><rect x="34" y="54" width="32" height="7" fill="hsl(${hue},45%,40%)"/><rect x="46" y="60" width="8" height="24" fill="hsl(${hue},45%,40%)"/><ellipse cx="50" cy="88" rx="24" ry="7" fill="hsl(${hue},45%,34%)"/>`,
  'heart-badge': (hue) =>
    badge(
      `<path d="M50 76q-34-24-26-42q10-16 26 2q16-18 26-2q8 18-26 42z" fill="hsl(${hue},65%,40%)"/>`,
      hue,
    ),
  'leaf-badge': (hue) => badge(`<path d="M24 74q-2-46 52-50q2 52-52 50z" fill="hsl(${hue},65%,40%)"/>`, hue),
  'star-badge': (hue) =>
    badge(
      `<path d="M50 18l9 23l25 1l-19 16l7 24l-22-14l-22 14l7-24l-19-16l25-1z" fill="hsl(${hue},65%,40%)"/>`,
      hue,
    ),
};

/** SVG of a prop in a box of 100 × 100. */
export function drawProp(prop: Prop, hue: number): string {
  return DRAWINGS[prop](hue);
}
