import { count, html, section, tableHtml } from '@assay/report-page';
import { SPLITS } from '../../split-key.js';
import type { DataFacts } from '../collect-facts.js';
import { inlineValue } from '../record-card.js';
import type { SliceColumn } from '../slice-counts.js';
import { bar, fraction } from './figures.js';

const MAX_COLUMNS = 20;
const MAX_VALUES = 15;

/** Records of every slice. */
export function sliceSection({ slices, rows: { kept }, splits }: DataFacts): string {
  if (slices.length === 0) return '';
  const tables = slices.slice(0, MAX_COLUMNS).map((column) => {
    const rows = column.values
      .slice(0, MAX_VALUES)
      .map(({ value, total, counts }) => [
        html(inlineValue(value)),
        count(total),
        html(bar(total / kept)),
        ...SPLITS.map((split) => fraction(counts[split] / splits[split])),
      ]);
    return `<h3>${inlineValue(column.column)} <small>${describeValues(column)}</small></h3>${tableHtml(['value', 'records', 'share', ...SPLITS], rows, { numbersFrom: 1 })}`;
  });
  const more =
    slices.length > MAX_COLUMNS
      ? `<p class="quiet">The first ${MAX_COLUMNS} of ${count(slices.length)} columns.</p>`
      : '';
  return section('Slices', `${tables.join('')}${more}`, 'slices');
}

function describeValues({ values, uncounted }: SliceColumn): string {
  const total = `${count(values.length)}${uncounted > 0 ? ' or more' : ''} ${values.length === 1 ? 'value' : 'values'}`;
  return values.length > MAX_VALUES ? `the largest ${MAX_VALUES} of ${total}` : total;
}
