import { clippedText, count, escapeHtml, section } from '@assay/report-page';
import type { DataFacts } from '../collect-facts.js';
import { inlineValue, rawText } from '../record-card.js';
import { fraction } from './figures.js';

const MAX_REASONS = 20;
const MAX_RAW = 240;
const MAX_MESSAGE = 300;

/** Rows that were left out, and why. */
export function rejectionSection({ rejections, rows }: DataFacts): string {
  if (rows.rejected === 0)
    return section('Rejected rows', '<p>Every row that was read is a record.</p>', 'rejected');
  const reasons = rejections.slice(0, MAX_REASONS).map(({ code, column, count: n, firsts }) => {
    const examples = firsts.map(
      ({ source, line, message, raw }) =>
        `<li><p><span class="quiet">${inlineValue(source)}:${count(line)}</span> ${clippedText(message, MAX_MESSAGE)}</p>${rawText(raw, MAX_RAW)}</li>`,
    );
    const where = column === null ? 'the whole row' : `column ${inlineValue(column)}`;
    return `<details${n === rejections[0]?.count ? ' open' : ''}><summary><b>${count(n)}</b> <code>${escapeHtml(code)}</code> <span class="quiet">${where}</span></summary><ol class="rejected">${examples.join('')}</ol></details>`;
  });
  const more =
    rejections.length > MAX_REASONS
      ? `<p class="quiet">${count(rejections.length - MAX_REASONS)} more reasons are in <code>rejected.jsonl</code>.</p>`
      : '';
  return section(
    'Rejected rows',
    `<p>${count(rows.rejected)} of ${count(rows.read)} rows (${fraction(rows.rejected / rows.read)}) were left out. All of them are in <code>rejected.jsonl</code>.</p>${reasons.join('')}${more}`,
    'rejected',
  );
}
