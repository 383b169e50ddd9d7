import type { ItemShape } from '../vocabulary/items.js';

interface Paint {
  main: string;
  dark: string;
  light: string;
}

const DRAWINGS: Readonly<Record<ItemShape, (paint: Paint) => string>> = {
  mug: ({ main, dark, light }) =>
    `<rect x="22" y="22" width="46" height="58" rx="6" fill="${main}"/><ellipse cx="45" cy="24" rx="23" ry="6" fill="${light}"/><path d="M68 34q22 2 18 20q-3 12-18 12" fill="none" stroke="${dark}" stroke-width="7"/>`,
  vase: ({ main, light }) =>
    `<path d="M40 10h20v14q18 18 18 40q0 26-28 26t-28-26q0-22 18-40z" fill="${main}"/><path d="M36 40q-8 14-6 30" fill="none" stroke="${light}" stroke-width="5"/>`,
  necklace: ({ main, dark }) =>
    `<path d="M18 16q4 54 32 56q28-2 32-56" fill="none" stroke="${dark}" stroke-width="4"/><circle cx="50" cy="78" r="12" fill="${main}"/>`,
  scarf: ({ main, dark }) =>
    `<path d="M14 20q36 22 72 0v20q-36 20-72 0z" fill="${main}"/><rect x="26" y="36" width="20" height="52" fill="${main}"/><path d="M26 60h20M26 72h20M26 84h20" stroke="${dark}" stroke-width="4"/>`,
  candle: ({ main, light }) =>
    `<rect x="34" y="34" width="32" height="54" rx="3" fill="${main}"/><path d="M50 34v-8" stroke="#333" stroke-width="2"/><path d="M50 8q8 10 0 18q-8-8 0-18z" fill="#f6b73c"/><rect x="38" y="38" width="5" height="40" fill="${light}"/>`,
  bowl: ({ main, light }) =>
    `<path d="M10 40h80q-4 42-40 42t-40-42z" fill="${main}"/><ellipse cx="50" cy="40" rx="40" ry="10" fill="${light}"/>`,
  soap: ({ main, light }) =>
    `<rect x="14" y="34" width="72" height="40" rx="14" fill="${main}"/><rect x="28" y="44" width="44" height="18" rx="8" fill="${light}"/>`,
  cushion: ({ main, dark }) =>
    `<path d="M14 18q36 10 72 0q-10 32 0 64q-36-10-72 0q10-32 0-64z" fill="${main}"/><path d="M30 34l40 32M70 34l-40 32" stroke="${dark}" stroke-width="3"/>`,
  ring: ({ main, dark, light }) =>
    `<circle cx="50" cy="60" r="26" fill="none" stroke="${dark}" stroke-width="8"/><path d="M50 14l14 14l-14 14l-14-14z" fill="${main}"/><path d="M50 14l5 14l-5 14z" fill="${light}"/>`,
  notebook: ({ main, dark, light }) =>
    `<rect x="22" y="12" width="56" height="76" rx="4" fill="${main}"/><rect x="22" y="12" width="10" height="76" fill="${dark}"/><rect x="40" y="28" width="30" height="12" fill="${light}"/>`,
  basket: ({ main, dark }) =>
    `<path d="M18 44h64l-8 42h-48z" fill="${main}"/><path d="M24 44q26-52 52 0" fill="none" stroke="${dark}" stroke-width="5"/><path d="M20 56h60M22 70h56" stroke="${dark}" stroke-width="4"/>`,
  lamp: ({ main, dark, light }) =>
    `<path d="M34 14h32l14 36h-60z" fill="${main}"/><rect x="47" y="50" width="6" height="30" fill="${dark}"/><ellipse cx="50" cy="84" rx="20" ry="6" fill="${dark}"/><path d="M38 20l-8 24" stroke="${light}" stroke-width="4"/>`,
  spoon: ({ main, light }) =>
    `<ellipse cx="50" cy="26" rx="15" ry="20" fill="${main}"/><rect x="46" y="42" width="8" height="50" rx="4" fill="${main}"/><ellipse cx="47" cy="22" rx="6" ry="10" fill="${light}"/>`,
  print: ({ main, dark, light }) =>
    `<rect x="14" y="14" width="72" height="72" fill="${dark}"/><rect x="20" y="20" width="60" height="60" fill="${light}"/><circle cx="42" cy="42" r="13" fill="${main}"/><path d="M22 78l22-24l14 14l10-10l12 20z" fill="${dark}"/>`,
  toy: ({ main, dark }) =>
    `<path d="M20 36h42l10-16h10v46h-62z" fill="${main}"/><circle cx="34" cy="72" r="11" fill="${dark}"/><circle cx="68" cy="72" r="11" fill="${dark}"/><circle cx="74" cy="30" r="3" fill="#222"/>`,
  brush: ({ main, dark, light }) =>
    `<rect x="45" y="40" width="10" height="52" rx="5" fill="${main}"/><rect x="43" y="28" width="14" height="14" fill="${light}"/><path d="M43 28q-2-12 7-20q9 8 7 20z" fill="${dark}"/>`,
};

/** SVG of an item in a box of 100 × 100. */
export function drawItem(shape: ItemShape, hue: number): string {
  return DRAWINGS[shape]({
    main: `hsl(${hue},55%,52%)`,
    dark: `hsl(${hue},50%,32%)`,
    light: `hsl(${hue},55%,78%)`,
  });
}
