import { notCompared, SHARED_COUNTS } from '@assay/data';
import { showProbability, type PolicyOperatingPoint } from '@assay/policy';
import {
  count,
  drawSvg,
  escapeHtml,
  factsHtml,
  listHtml,
  pageHtml,
  section,
  tableHtml,
  tilesHtml,
} from '@assay/report-page';
import { precisionRecallChart, reliabilityChart, scoreChart } from './charts.js';
import { describeFigure } from './evaluation-table.js';
import { meanOf } from './metrics/mean-of.js';
import type { PolicyReport, Report } from './report.js';

/**
 * The report as one HTML page that needs nothing else: no script, no font, no picture from outside.
 * Everything that came from a listing is escaped.
 */
export async function reportHtml(report: Report): Promise<string> {
  const { pipeline, description, verdict, rows, dataDigest, modelDigest, engine } = report;
  const cards: string[] = [];
  for (const policy of report.policies) cards.push(await policyCard(policy));
  const facts: [string, string][] = [
    [
      'records',
      `${count(rows.train)} train, ${count(rows.validation)} validation, ${count(rows.calibration)} calibration, ${count(rows.test)} test`,
    ],
    ['data', dataDigest.slice(0, 12)],
    ['model', modelDigest.slice(0, 12)],
    ['engine', engine],
  ];
  return pageHtml({
    kicker: 'Evaluation',
    heading: pipeline,
    lead: description,
    badge: `<span class="badge ${verdict.verdict}">${verdict.verdict}</span>`,
    facts: factsHtml(facts),
    main: `${verdictSection(report)}
${headline(report)}
${cards.join('\n')}
${modalitySection(report)}
${sliceSection(report)}
${leakSection(report)}
${errorSection(report)}
${termSection()}`,
    footer: FOOTER,
  });
}

const FOOTER =
  'Figures are from the test split, thresholds from the calibration split, temperatures from the validation split. Intervals are 95 %: Wilson for proportions of the test split and Clopper–Pearson for those of the calibration split, both at the <a href="#terms">effective sample size</a> where records come in groups, and bootstrap over groups for the rest; – where a single group cannot tell. The proof of a threshold assumes that the records of the calibration split are independent of each other and like those to come.';

function verdictSection({ verdict: { gates, reasons }, warnings }: Report): string {
  const rows = gates.map(({ policy, metric, atLeast, value, pass }) => [
    pass ? '✓' : '✗',
    `${metric} of ${policy}`,
    `≥\u00a0${atLeast}`,
    value === null ? '–' : value.toFixed(3),
  ]);
  const gateTable =
    rows.length === 0 ? '' : tableHtml(['', 'figure', 'asked', 'measured'], rows, { style: 'wrap' });
  return `${section('Gates', listHtml('reasons', reasons) + gateTable)}${warnings.length === 0 ? '' : section('Warnings', listHtml('warnings', warnings))}`;
}

function headline({ mean, multiClass, binary, policies }: Report): string {
  const tiles: [string, string][] = [['mean average precision', describeFigure(mean.averagePrecision)]];
  if (multiClass !== null)
    tiles.push(
      ['accuracy', describeFigure(multiClass.accuracy)],
      ['macro-F1', describeFigure(multiClass.macroF1)],
    );
  if (binary !== null)
    tiles.push(
      ['accuracy at one half', describeFigure(binary.accuracy)],
      ['F1 at one half', describeFigure(binary.f1)],
    );
  const acts = policies.reduce((sum, { bands }) => sum + bands.act, 0);
  tiles.push(['test decisions that act', count(acts)]);
  return tilesHtml(tiles);
}

async function policyCard(policy: PolicyReport): Promise<string> {
  const { operatingPoint: point, bands } = policy;
  const charts = await Promise.all([
    drawSvg(precisionRecallChart(policy), `Precision over recall of ${policy.policy}`),
    drawSvg(scoreChart(policy), `Test records of ${policy.policy} by score`),
    drawSvg(reliabilityChart(policy), `Reliability of the scores of ${policy.policy}`),
  ]);
  const captions = ['Precision over recall', 'Records by score; dashed: thresholds', 'Calibration'];
  const rows = [
    ['average precision', describeFigure(policy.averagePrecision)],
    ['AUROC', describeFigure(policy.auroc)],
    ['precision when it acts', describeFigure(policy.precision)],
    ['recall when it acts', describeFigure(policy.recall)],
    ['caught by act and review', describeFigure(policy.caught)],
    ['log loss · Brier', `${number(policy.logLoss)} · ${number(policy.brier)}`],
    ['act · review · pass', `${count(bands.act)} · ${count(bands.review)} · ${count(bands.pass)}`],
  ];
  return section(
    `${escapeHtml(policy.policy)} <small>${count(policy.positives)} violations in ${count(policy.known)} test records, policy version ${escapeHtml(point.policyVersion)}</small>`,
    `<p>${escapeHtml(describeAct(point))} ${escapeHtml(describeReview(policy))}</p><div class="split"><div>${tableHtml(['figure', 'value'], rows)}<p class="more"><a href="#terms">What the figures mean</a></p></div><div class="charts">${charts.map((svg, i) => `<figure>${svg}<figcaption>${captions[i]}</figcaption></figure>`).join('')}</div></div>`,
  );
}

function describeAct({ act, noActReason }: PolicyOperatingPoint): string {
  if (act === null) return `Never acts by itself. ${noActReason ?? ''}`;
  return `Acts from ${showProbability(act.threshold)}: on the calibration split ${act.correct} of ${act.predicted} were right, so precision is at least ${act.minPrecision} with confidence ${act.confidence}.`;
}

function describeReview({ operatingPoint: { act, review }, calibrationRecall }: PolicyReport): string {
  if (review === null) return 'No review threshold: the calibration split holds no violation.';
  if (act !== null && review.threshold >= act.threshold)
    return 'Nothing is left to review: it acts from a lower score than that from which review would start.';
  const { recall, caught, violations } = review;
  const counts = caught === undefined || violations === undefined ? '' : `${caught} of ${violations}, `;
  const interval =
    calibrationRecall.interval?.map((end) => end.toFixed(3)).join(' to ') ?? 'that one group cannot tell';
  return `Review from ${showProbability(review.threshold)}, which catches ${(100 * recall).toFixed(0)}\u00a0% of the calibration split's violations (${counts}95\u00a0% interval ${interval}).`;
}

const number = (value: number | null): string => (value === null ? '–' : value.toFixed(3));

function modalitySection({ modalities, policies }: Report): string {
  if (modalities.length < 2) return '';
  const names = policies.map(({ policy }) => policy);
  const rows = modalities.map(({ shown, averagePrecision, mean }) => [
    shown,
    ...names.map((name) => number(averagePrecision[name] ?? null)),
    number(mean),
  ]);
  const prevalence = policies.map(({ positives, known }) => (known > 0 ? positives / known : null));
  const baseline = ['guessing (prevalence)', ...prevalence.map(number), number(meanOf(prevalence))];
  return section(
    'What each modality gives',
    `<p>Average precision of the same model when it is shown only a part of each record.</p>${tableHtml(['shown', ...names, 'mean'], [...rows, baseline])}`,
  );
}

function sliceSection({ slices }: Report): string {
  if (slices.length === 0) return '';
  const rows = [...slices].sort((a, b) => (a.averagePrecision ?? 2) - (b.averagePrecision ?? 2)).slice(0, 30);
  return section(
    'Slices',
    `<p>The ${rows.length} weakest slices of at least 30 records.</p>${tableHtml(
      ['slice', 'policy', 'violations', 'average precision'],
      rows.map((s) => [
        `${s.column} = ${s.value}`,
        s.policy,
        `${s.positives} of ${s.known}`,
        number(s.averagePrecision),
      ]),
    )}`,
  );
}

function leakSection({ leaks }: Report): string {
  const rows = leaks.pairs.map((p) => [
    p.between.join(' → '),
    ...SHARED_COUNTS.map(([key]) => {
      const value = p[key];
      return value === null ? 'not looked for' : count(value);
    }),
    p.timesOverlap === null ? 'no times' : p.timesOverlap ? 'yes' : 'no',
  ]);
  return section(
    'What the splits share',
    `${listHtml('notes', notCompared(leaks))}${tableHtml(
      ['splits', ...SHARED_COUNTS.map(([, name]) => name), 'times overlap'],
      rows,
    )}`,
  );
}

function errorSection({ errors }: Report): string {
  if (errors.length === 0) return '';
  const items = errors.map(
    ({ policy, id, score, label, text }) =>
      `<li><p><b>${escapeHtml(policy)}</b> scored ${score.toFixed(3)}, labelled ${label === 1 ? 'violation' : 'no violation'} <small>${escapeHtml(id)}</small></p><blockquote>${escapeHtml(text)}</blockquote></li>`,
  );
  return section(
    'Furthest from their label',
    `<details><summary>Show ${errors.length} ${errors.length === 1 ? 'record' : 'records'}</summary><ol class="errors">${items.join('')}</ol></details>`,
  );
}

const TERMS: readonly (readonly [term: string, meaning: string])[] = [
  [
    'Average precision',
    'precision averaged over the violations, from the highest score down: 1 when all violations score above everything else, the prevalence when the order is random.',
  ],
  [
    'AUROC',
    'the chance that a violation scores above a record that is none: 1 is a perfect order, 0.5 a random one.',
  ],
  [
    'Log loss',
    'mean of −ln of the probability that was given to what turned out true: 0 is best, 0.693 is what saying one half always gives, and a confident mistake costs most.',
  ],
  [
    'Brier',
    'mean squared distance between score and label: 0 is best, 0.25 is what saying one half always gives.',
  ],
  [
    'Calibration',
    'of records with a score of about 0.8, about 80 % should be violations; then the points lie on the diagonal.',
  ],
  [
    'Effective sample size',
    'as many independent records as would tell as much as these. Records of one group (a seller, an event) resemble each other, so they count for fewer; those of a single group count as one.',
  ],
];

function termSection(): string {
  const items = TERMS.map(([term, meaning]) => `<div><dt>${term}</dt><dd>${meaning}</dd></div>`).join('');
  return `<section id="terms"><h2>Terms</h2><dl class="terms">${items}</dl></section>`;
}
