/** One CSV field; quoted only where RFC 4180 needs it. */
export function csvField(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * A CSV file with a header, LF line ends and a final newline.
 *
 * @param columns names, in order; a row that lacks one gets an empty field
 * @see https://www.rfc-editor.org/rfc/rfc4180
 */
export function toCsv(columns: readonly string[], rows: readonly Record<string, string | number>[]): string {
  const lines = rows.map((row) => columns.map((column) => csvField(row[column] ?? '')).join(','));
  return `${[columns.map(csvField).join(','), ...lines].join('\n')}\n`;
}

/** One JSON value a line, with a final newline. */
export function toJsonLines(values: readonly unknown[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('');
}
