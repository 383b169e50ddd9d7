import { count, drawSvg, html, section, tableHtml, type Html } from '@assay/report-page';
import { SPLITS, type Split } from '../../split-key.js';
import type { DataFacts } from '../collect-facts.js';
import { prevalenceChart } from '../report-charts.js';
import { figure, fraction, signedFraction } from './figures.js';

/** Classes beyond these have no row. */
const MAX_ROWS = 200;
/** Classes beyond these have no dots. */
const MAX_DOTS = 24;
/** Standard errors of a share beyond which a split is marked. */
const MARKED_BEYOND = 3;

/** Records by split and label, and how far the shares of the labels differ between splits. */
export async function splitSection(facts: DataFacts): Promise<string> {
  const { splits, rows, leaks, labels } = facts;
  const classes = labels.names.map((name) => prevalenceOf(name, facts));
  const hasTimes = SPLITS.some((split) => leaks.times[split] !== null);
  const timesOf = (split: Split): string[] => [day(leaks.times[split]?.first), day(leaks.times[split]?.last)];
  const sizes = tableHtml(
    ['split', 'records', 'share', ...(hasTimes ? ['first', 'last'] : [])],
    SPLITS.map((split) => [
      html(`<span class="chip ${split}">${split}</span>`),
      count(splits[split]),
      fraction(splits[split] / rows.kept),
      ...(hasTimes ? timesOf(split) : []),
    ]),
    { numbersFrom: 1 },
  );
  const chart = await drawSvg(
    prevalenceChart(classes.slice(0, MAX_DOTS)),
    'Share of each class in each split',
  );
  const more =
    classes.length > MAX_ROWS
      ? `<p class="quiet">The first ${MAX_ROWS} of ${count(classes.length)} classes.</p>`
      : '';
  return section(
    'Splits and labels',
    `<div class="pair"><div>${sizes}${purgedSentence(facts)}</div>${figure(chart, 'Prevalence: the share of a class among the known labels of a split')}</div>
<h3>Labels <small>positives of known labels, prevalence, and its deviation from that of all splits</small></h3>${labelTable(classes.slice(0, MAX_ROWS))}${more}<p class="quiet">Marked: further from the prevalence of all splits than ${MARKED_BEYOND} standard errors of a random sample of that size. Whole groups and duplicates move together, so some deviation is no fault of the split.</p>`,
    'splits',
  );
}

const day = (time: string | undefined): string => time?.slice(0, 10) ?? '–';

function purgedSentence({ rows: { purged } }: DataFacts): string {
  if (purged === 0) return '<p class="quiet">No record was purged.</p>';
  return `<p><b>${count(purged)}</b> ${purged === 1 ? 'record was' : 'records were'} purged: left out of all splits, since ${purged === 1 ? 'it is' : 'they are'} held together by a group or as duplicates with records that lie on the other side of a cut.</p>`;
}

interface Prevalence {
  name: string;
  known: Record<Split, number>;
  positive: Record<Split, number>;
  shares: Record<Split, number | null>;
  overall: number | null;
}

function prevalenceOf(name: string, { leaks }: DataFacts): Prevalence {
  const of = (split: Split): { known: number; positive: number } =>
    leaks.classes[split][name] ?? { known: 0, positive: 0 };
  const bySplit = <T>(valueOf: (split: Split) => T): Record<Split, T> => ({
    train: valueOf('train'),
    validation: valueOf('validation'),
    calibration: valueOf('calibration'),
    test: valueOf('test'),
  });
  const sum = (key: 'known' | 'positive'): number =>
    SPLITS.reduce((total, split) => total + of(split)[key], 0);
  const share = (positive: number, known: number): number | null => (known === 0 ? null : positive / known);
  return {
    name,
    known: bySplit((split) => of(split).known),
    positive: bySplit((split) => of(split).positive),
    shares: bySplit((split) => share(of(split).positive, of(split).known)),
    overall: share(sum('positive'), sum('known')),
  };
}

function labelTable(classes: readonly Prevalence[]): string {
  const rows = classes.map(({ name, known, positive, shares, overall }) => [
    name,
    overall === null ? '–' : fraction(overall),
    ...SPLITS.map((split): Html => {
      const share = shares[split];
      if (share === null || overall === null) return html('<span class="quiet">none known</span>');
      const deviation = share - overall;
      const isFar = Math.abs(deviation) > MARKED_BEYOND * Math.sqrt((overall * (1 - overall)) / known[split]);
      return html(
        `${fraction(share)} <span class="${isFar ? 'far' : 'quiet'}">${signedFraction(deviation)}</span><br><small>${count(positive[split])} of ${count(known[split])}</small>`,
      );
    }),
    largestDeviation(shares, overall),
  ]);
  const header = ['class', 'all splits', ...SPLITS, 'largest deviation'];
  return tableHtml(header, rows, { numbersFrom: 1 });
}

function largestDeviation(shares: Record<Split, number | null>, overall: number | null): string {
  const deviations = SPLITS.flatMap((split) => {
    const share = shares[split];
    return share === null || overall === null ? [] : [Math.abs(share - overall)];
  });
  return deviations.length === 0 ? '–' : fraction(Math.max(...deviations));
}
