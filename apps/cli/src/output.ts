import { printable, printableJson } from './printable.js';

/** Writes text to stdout, with a line break. */
export function print(text = ''): void {
  process.stdout.write(`${printable(text)}\n`);
}

/** Writes a value as indented JSON to stdout. */
export function printJson(value: unknown): void {
  process.stdout.write(`${printableJson(JSON.stringify(value, null, 2))}\n`);
}

/** Writes one line for people to stderr, unless `--quiet` was given. */
export function note(line: string): void {
  if (process.env['ASSAY_QUIET'] !== '1') process.stderr.write(`${printable(line)}\n`);
}

/**
 * A plain text table with aligned columns.
 *
 * @param rows cells by row; the first row is the header
 */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const [header = [], ...body] = rows;
  return [line(header), widths.map((width) => '─'.repeat(width)).join('  '), ...body.map(line)].join('\n');
}
