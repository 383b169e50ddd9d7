import { count, drawSvg, escapeHtml, html, section, tableHtml } from '@assay/report-page';
import { SPLITS, type Split } from '../../split-key.js';
import type { DataFacts } from '../collect-facts.js';
import { lengthChart } from '../report-charts.js';
import { EXACT_LENGTHS, type LengthSummary } from '../text-lengths.js';
import { bar, figure, fraction } from './figures.js';

/** Fields beyond these have no histogram. */
const MAX_CHARTS = 6;
const MAX_LANGUAGES = 10;

/** How long texts are, in what languages, and how much of them the model sees. */
export async function textSection(facts: DataFacts): Promise<string> {
  const fields = [...facts.lengths].flatMap(([field, summary]) =>
    summary === null ? [] : [{ field, summary, unit: 'characters' }],
  );
  const { tokens } = facts;
  const all = [
    ...fields,
    ...(tokens?.lengths
      ? [{ field: 'all, as the model reads it', summary: tokens.lengths, unit: 'tokens' }]
      : []),
  ];
  if (all.length === 0) return '';
  const charts: string[] = [];
  for (const { field, summary, unit } of [
    ...all.slice(0, MAX_CHARTS - 1),
    ...all.slice(MAX_CHARTS - 1).slice(-1),
  ])
    charts.push(figure(await drawSvg(lengthChart(summary, unit), `Lengths of ${field} in ${unit}`), field));
  const cut =
    tokens === null || tokens.full === 0
      ? ''
      : `<p>${count(tokens.full)} records fill all ${count(tokens.maxTokens)} tokens; what goes beyond is cut.</p>`;
  const table = tableHtml(
    ['text', 'unit', 'records', 'shortest', 'median', '95 % up to', 'longest'],
    all.map(({ field, unit, summary }) => [field, unit, ...lengthCells(summary)]),
    { numbersFrom: 2 },
  );
  return section(
    'Texts',
    `<div class="charts">${charts.join('')}</div>${table}${all.some(isRounded) ? ROUNDED : ''}${cut}${languages(facts)}`,
    'texts',
  );
}

const isRounded = ({ summary: { p95 } }: { summary: LengthSummary }): boolean => p95 > EXACT_LENGTHS;

const ROUNDED = `<p class="quiet">Medians and 95 % above ${count(EXACT_LENGTHS)} are rounded to three digits.</p>`;

const lengthCells = ({ count: n, min, median, p95, max }: LengthSummary): string[] =>
  [n, min, median, p95, max].map(count);

function languages({ languages: { languages, sampled }, splits }: DataFacts): string {
  const total = SPLITS.reduce((sum, split) => sum + sampled[split], 0);
  if (total === 0) return '';
  const looked = SPLITS.filter((split) => sampled[split] > 0);
  const weight = looked.reduce((sum, split) => sum + splits[split], 0);
  const shareOf = (counts: Record<Split, number>): number =>
    looked.reduce((sum, split) => sum + (splits[split] / weight) * (counts[split] / sampled[split]), 0);
  const rows = languages
    .map(({ code, counts }) => ({ code, counts, share: shareOf(counts) }))
    .sort((a, b) => b.share - a.share)
    .slice(0, MAX_LANGUAGES)
    .map(({ code, counts, share }) => [
      html(escapeHtml(nameOf(code))),
      html(bar(share)),
      ...SPLITS.map((split) => fraction(counts[split] / sampled[split])),
    ]);
  const rest = languages.length - rows.length;
  return `<h3>Languages <small>estimated from ${count(total)} records: up to 2,000 of each split, drawn by chance</small></h3>${tableHtml(['language', 'share', ...SPLITS], rows, { numbersFrom: 1 })}${rest > 0 ? `<p class="quiet">${count(rest)} more with fewer records.</p>` : ''}`;
}

const NAMES = new Intl.DisplayNames('en', { type: 'language' });

const nameOf = (code: string | null): string =>
  code === null ? 'cannot be told' : `${NAMES.of(code) ?? code} (${code})`;
