import { AssayError } from '@assay/core';
import type { Rejection } from './read-records.js';

/** Counts of rejections by code and column as a plain text table, with the line and the message of the first of each. */
export function rejectionTable(rejections: readonly Rejection[]): string {
  const reasons = new Map<string, { first: Rejection; count: number }>();
  for (const rejection of rejections) {
    const key = `${rejection.code} ${rejection.column ?? ''}`;
    const reason = reasons.get(key);
    if (reason === undefined) reasons.set(key, { first: rejection, count: 1 });
    else reason.count++;
  }
  const rows = [...reasons.values()]
    .sort((a, b) => b.count - a.count)
    .map(({ first, count }) => [
      String(count),
      first.code,
      first.column ?? '(row)',
      `${first.source}:${first.line}: ${first.message}`,
    ]);
  const table = [['count', 'code', 'column', 'first'], ...rows];
  const widths = [0, 1, 2].map((i) => Math.max(...table.map((cells) => cells[i]?.length ?? 0)));
  return table
    .map((cells) => `  ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd())
    .join('\n');
}

/** @throws REJECTED_TOO_MANY when more than the allowed share of the rows was rejected */
export function assertFewRejected(
  rejections: readonly Rejection[],
  numRows: number,
  maxFraction: number,
): void {
  if (rejections.length <= maxFraction * numRows) return;
  const percent = ((100 * rejections.length) / numRows).toFixed(1);
  throw new AssayError(
    'REJECTED_TOO_MANY',
    `${rejections.length} of ${numRows} rows (${percent} %) were rejected; data.maxRejectedFraction allows ${maxFraction}:\n${rejectionTable(rejections)}\nFix: repair the source, or raise data.maxRejectedFraction.`,
    { details: { numRejected: rejections.length, numRows, maxFraction } },
  );
}
