import { scoreChart } from './charts.js';
import { evaluationTable } from './evaluation-table.js';
import { applyGates } from './gates.js';
import { reportHtml } from './report-html.js';
import { tinyReport } from './tiny-report.fixture.js';

describe('report.html', () => {
  let html: string;
  beforeAll(async () => {
    html = await reportHtml(tinyReport);
  });

  test('needs nothing from outside and runs no script', () => {
    expect(html).not.toMatch(/<script|<link|@import|src=|href="(?!#)/);
    expect(html.match(/<svg /g)).toHaveLength(6);
  });
  test('shows what strangers wrote as text', () => {
    expect(html).toContain('Letter opener &lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;sheath&quot;');
    expect(html).toContain('Toy listings &lt;b&gt;with&lt;/b&gt; markup.');
  });
  test('says when a policy never acts, and why', () => {
    expect(html).toContain(
      'Never acts by itself. A proof of precision 0.9 with confidence 0.95 needs at least 29 records',
    );
    expect(html).toContain('Acts from 0.710: on the calibration split 48 of 50 were right');
  });
  test('says on how many violations a review threshold rests, and how sure that is', () => {
    expect(html).toContain(
      'which catches 90\u00a0% of the calibration split&#39;s violations (18 of 20, 95\u00a0% interval 0.680 to 0.990).',
    );
  });
  test('says what nobody has compared between splits', async () => {
    expect(html).not.toContain('comparisons were left out');
    const leaks = { ...tinyReport.leaks, skippedTexts: 3 };
    expect(await reportHtml({ ...tinyReport, leaks })).toContain('3 comparisons were left out');
  });
  test('says what no gate looks at', () => {
    expect(html).toContain('<ul class="warnings"><li>150 calibration records of 60 groups;');
  });
  test('explains its figures', () => {
    for (const term of ['Brier', 'Log loss', 'Effective sample size'])
      expect(html).toContain(`<dt>${term}</dt>`);
    expect(html).toContain('<a href="#terms">');
  });
  test('hid on a phone what a gate measured', () => {
    expect(html).toContain('<div class="wrap"><table><thead><tr><th></th><th>figure</th><th>asked</th>');
    expect(html).toContain('<td>auroc of mean</td><td>≥\u00a00.95</td><td>0.930</td>');
  });
  test('called every record a listing', () => {
    expect(html).toContain('<summary>Show 1 record</summary>');
    expect(html.replaceAll('Toy listings', '')).not.toMatch(/listing/i);
  });
  test('drew the many and the few on one distorted axis', () => {
    const chart = JSON.stringify(scoreChart(tinyReport.policies[0]!));
    expect(chart).not.toMatch(/symlog|"type":"(log|pow|sqrt)"/);
    expect((scoreChart(tinyReport.policies[0]!) as { vconcat: unknown[] }).vconcat).toHaveLength(2);
  });
});

test('the mean prevalence is not given where a policy has no known label', async () => {
  const [first, second] = tinyReport.policies;
  const policies = [first!, { ...second!, known: 0, positives: 0 }];
  expect(await reportHtml({ ...tinyReport, policies })).toContain(
    '<td>guessing (prevalence)</td><td>0.150</td><td>–</td><td>–</td>',
  );
});

test('a threshold near zero is not shown as zero, and no review is promised above the threshold to act', async () => {
  const [first] = tinyReport.policies;
  const { act, ...point } = first!.operatingPoint;
  const operatingPoint = { ...point, act: { ...act!, threshold: 0.00012 } };
  const html = await reportHtml({ ...tinyReport, policies: [{ ...first!, operatingPoint }] });
  expect(html).toContain('Acts from 0.0001:');
  expect(html).toContain('Nothing is left to review: it acts from a lower score');
});

test('the table for a terminal lists every policy, the modalities and the verdict', () => {
  const text = evaluationTable(tinyReport);
  expect(text).toContain('weapons       30 of 200   0.812 [0.700, 0.900]');
  expect(text).toContain('everything 0.810, text only 0.550');
  expect(text).toContain('unsafe_claim never acts: A proof of precision 0.9');
  expect(text).toContain(
    'note: 150 calibration records of 60 groups; the proof takes records as independent',
  );
  expect(text).toContain('verdict: fail\n  - auroc of mean is 0.930');
});

describe('gates fail closed', () => {
  const { policies, mean } = tinyReport;
  const gate = { policy: 'weapons', metric: 'averagePrecision', atLeast: 0.8 } as const;
  const apply = (gates: Parameters<typeof applyGates>[0], leaky = false) =>
    applyGates(gates, policies, mean, leaky);

  test('figures at or above every gate pass', () => {
    expect(apply([gate, { policy: 'mean', metric: 'auroc', atLeast: 0.93 }])).toMatchObject({
      verdict: 'pass',
      reasons: [],
    });
  });
  test('one figure below its gate fails with a reason', () => {
    expect(apply([gate, { ...gate, atLeast: 0.82 }])).toMatchObject({
      verdict: 'fail',
      reasons: ['averagePrecision of weapons is 0.812; the gate asks for at least 0.82.'],
    });
  });
  test('no gates, leaking data or an undefined figure never pass', () => {
    expect(apply([]).verdict).toBe('fail');
    expect(apply([gate], true)).toMatchObject({ verdict: 'fail', leaky: true });
    const undefinedFigure = policies.map((p) => ({ ...p, precision: { value: null, interval: null } }));
    expect(
      applyGates([{ ...gate, metric: 'precision', atLeast: 0 }], undefinedFigure, mean, false).verdict,
    ).toBe('fail');
    expect(
      applyGates([{ policy: 'mean', metric: 'precision', atLeast: 0 }], undefinedFigure, mean, false).verdict,
    ).toBe('fail');
  });
});
