import { count, html, section, tableHtml } from '@assay/report-page';
import { SPLITS } from '../../split-key.js';
import type { DataFacts } from '../collect-facts.js';
import { inlineValue } from '../record-card.js';
import { bar, fraction } from './figures.js';

const MAX_ROWS = 200;

/** How often each column says nothing. */
export function missingSection({ missing, rows: { kept }, splits }: DataFacts): string {
  const counted = missing.map((column) => ({
    ...column,
    total: SPLITS.reduce((sum, split) => sum + column.missing[split], 0),
  }));
  const lacking = counted.filter(({ total }) => total > 0).sort((a, b) => b.total - a.total);
  const rows = lacking
    .slice(0, MAX_ROWS)
    .map(({ kind, name, total, missing: ofSplit }) => [
      html(inlineValue(name)),
      kind,
      count(total),
      html(bar(total / kept)),
      ...SPLITS.map((split) => fraction(ofSplit[split] / splits[split])),
    ]);
  const sentence = `<p>${describe(lacking.length, counted.length)}${lacking.length > MAX_ROWS ? ` The ${MAX_ROWS} with the most gaps:` : ''}</p>`;
  const table =
    rows.length === 0
      ? ''
      : tableHtml(['column', 'kind', 'missing', 'share', ...SPLITS], rows, { numbersFrom: 2 });
  return section('Missing values', sentence + table, 'missing');
}

function describe(lacking: number, all: number): string {
  if (lacking === 0) return `All ${count(all)} columns have a value in every record.`;
  return `${count(lacking)} of ${count(all)} columns ${lacking === 1 ? 'lacks' : 'lack'} a value in some record.`;
}
