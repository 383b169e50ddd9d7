import type { Figure, Report } from './report.js';

/** `0.812 [0.760, 0.861]`, or `–` when the data do not define the figure. */
export function describeFigure({ value, interval }: Figure): string {
  if (value === null) return '–';
  return interval === null
    ? value.toFixed(3)
    : `${value.toFixed(3)} [${interval[0].toFixed(3)}, ${interval[1].toFixed(3)}]`;
}

/** The figures of a report as plain text, for a terminal. */
export function evaluationTable(report: Report): string {
  const header = [
    'policy',
    'violations',
    'average precision',
    'AUROC',
    'precision (act)',
    'recall (act)',
    'caught (act + review)',
  ];
  const rows = report.policies.map((p) => [
    p.policy,
    `${p.positives} of ${p.known}`,
    ...[p.averagePrecision, p.auroc, p.precision, p.recall, p.caught].map(describeFigure),
  ]);
  const lines = [aligned([header, ...rows])];
  const { multiClass, binary } = report;
  if (multiClass !== null)
    lines.push(
      `accuracy ${describeFigure(multiClass.accuracy)}, macro-F1 ${describeFigure(multiClass.macroF1)}`,
    );
  if (binary !== null)
    lines.push(`accuracy ${describeFigure(binary.accuracy)}, F1 ${describeFigure(binary.f1)} at one half`);
  if (report.modalities.length > 1) {
    lines.push(
      `mean average precision: ${report.modalities.map(({ shown, mean }) => `${shown} ${mean === null ? '–' : mean.toFixed(3)}`).join(', ')}`,
    );
  }
  for (const { policy, operatingPoint } of report.policies)
    if (operatingPoint.noActReason !== null)
      lines.push(`${policy} never acts: ${operatingPoint.noActReason}`);
  for (const warning of report.warnings) lines.push(`note: ${warning}`);
  lines.push(
    `verdict: ${report.verdict.verdict}${report.verdict.reasons.map((reason) => `\n  - ${reason}`).join('')}`,
  );
  return lines.join('\n');
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
