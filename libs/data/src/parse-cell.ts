import { AssayError } from '@assay/core';

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const TIME =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(Z|[+-](?:0\d|1[0-4]):?[0-5]\d)?)?$/i;
const LARGEST_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;

/** An error for one cell; the reader turns it into a rejected row. */
export function cellError(
  column: string,
  message: string,
  code: 'RECORD_INVALID' | 'LABEL_UNKNOWN' = 'RECORD_INVALID',
): AssayError {
  return new AssayError(code, message, { details: { column } });
}

/** @throws RECORD_INVALID when the cell is neither empty nor a decimal number that fits into a float32 */
export function parseNumber(cell: string, column: string): number | null {
  const text = cell.trim();
  if (text === '') return null;
  const value = Number(text);
  if (NUMBER.test(text) && Math.abs(value) <= LARGEST_FLOAT32) return value;
  throw cellError(
    column,
    `'${shortened(cell)}' is not a number; expected e.g. 12 or 3.5e-2, or an empty cell.`,
  );
}

/**
 * Milliseconds since 1970 of an ISO 8601 date or time. Without a zone it is UTC.
 *
 * @throws RECORD_INVALID when the cell is neither empty nor such a time
 */
export function parseTime(cell: string, column: string): number | null {
  const text = cell.trim();
  if (text === '') return null;
  const match = TIME.exec(text);
  if (match !== null) {
    const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = match;
    const milliseconds = Number(fraction.padEnd(3, '0').slice(0, 3));
    const date = new Date(
      Date.UTC(
        Number(year),
        Number(month) - 1,
        Number(day),
        Number(hour),
        Number(minute),
        Number(second),
        milliseconds,
      ),
    );
    const isReal =
      date.getUTCFullYear() === Number(year) && // Date.UTC takes the years 0 to 99 for 1900 to 1999
      date.getUTCMonth() === Number(month) - 1 &&
      date.getUTCDate() === Number(day) &&
      Number(minute) < 60 &&
      Number(second) < 60;
    if (isReal) return date.getTime() - zoneMs(zone);
  }
  throw cellError(
    column,
    `'${shortened(cell)}' is not a time; expected ISO 8601, e.g. 2024-05-31T18:00:00Z.`,
  );
}

function zoneMs(zone: string): number {
  if (zone.toUpperCase() === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return (zone.startsWith('-') ? -1 : 1) * minutes * 60_000;
}

/** A cell for a message. */
export const shortened = (cell: string): string => (cell.length <= 40 ? cell : `${cell.slice(0, 39)}…`);
