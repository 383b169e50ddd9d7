import { escapeHtml } from '@assay/report-page';

/** A share, in [0, 1]. */
export const fraction = (value: number): string => (Number.isFinite(value) ? value.toFixed(3) : '–');

/** A difference of shares with its sign. */
export function signedFraction(value: number): string {
  const digits = Math.abs(value).toFixed(3);
  if (Number(digits) === 0) return '±0.000';
  return `${value < 0 ? '−' : '+'}${digits}`;
}

/** A chart with what it shows. */
export const figure = (svg: string, caption: string): string =>
  `<figure>${svg}<figcaption>${escapeHtml(caption)}</figcaption></figure>`;

/** A share as a bar with its number. */
export const bar = (share: number): string =>
  `<span class="bar"><span style="width:${(100 * share).toFixed(1)}%"></span></span>${fraction(share)}`;

/** A size of a file. */
export const bytes = (n: number): string => {
  if (n < 1e3) return `${n} B`;
  return n < 1e6 ? `${(n / 1e3).toFixed(0)} kB` : `${(n / 1e6).toFixed(1)} MB`;
};
