import {
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTypeId,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { CellValue } from './source.js';

/** Types whose values DuckDB already gives as cells. */
const PLAIN = new Set<DuckDBTypeId>([
  DuckDBTypeId.BOOLEAN,
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
  DuckDBTypeId.FLOAT,
  DuckDBTypeId.DOUBLE,
  DuckDBTypeId.VARCHAR,
  DuckDBTypeId.ENUM,
]);

/** The range of Date; infinite times lie beyond it. */
const MAX_SECONDS = 8.64e12;

/** Whether `cellOf` gives the values of a type as they are. */
export const isPlain = (type: DuckDBType): boolean => PLAIN.has(type.typeId);

/** A value of DuckDB as a cell: dates and times as ISO 8601, decimals and other exact values as text, maps as lists of pairs. */
export function cellOf(value: DuckDBValue): CellValue {
  if (typeof value === 'bigint') return asNumber(value);
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) return value.items.map(cellOf);
  if (value instanceof DuckDBStructValue)
    return Object.fromEntries(Object.entries(value.entries).map(([key, each]) => [key, cellOf(each)]));
  if (value instanceof DuckDBMapValue)
    return value.entries.map((entry) => ({ key: cellOf(entry.key), value: cellOf(entry.value) }));
  if (value instanceof DuckDBBlobValue) return Uint8Array.from(value.bytes);
  if (value instanceof DuckDBDateValue) return value.toString();
  return timeOf(value) ?? value.toString();
}

const asNumber = (value: bigint): number | bigint =>
  value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;

/** @returns null when the value is no time, or one that a date cannot hold */
function timeOf(value: object): string | null {
  if (value instanceof DuckDBTimestampTZValue) return iso(value.micros, 6, 'Z');
  if (value instanceof DuckDBTimestampValue) return iso(value.micros, 6);
  if (value instanceof DuckDBTimestampNanosecondsValue) return iso(value.nanos, 9);
  if (value instanceof DuckDBTimestampMillisecondsValue) return iso(value.millis, 3);
  if (value instanceof DuckDBTimestampSecondsValue) return iso(value.seconds, 0);
  return null;
}

/** @param count units of 10^−digits seconds since 1970 */
function iso(count: bigint, digits: number, zone = ''): string | null {
  const unitsPerSecond = 10n ** BigInt(digits);
  const fraction = ((count % unitsPerSecond) + unitsPerSecond) % unitsPerSecond;
  const seconds = Number((count - fraction) / unitsPerSecond);
  if (Math.abs(seconds) > MAX_SECONDS) return null;
  const text = new Date(seconds * 1000).toISOString().replace('.000Z', '');
  return fraction === 0n ? text + zone : `${text}.${String(fraction).padStart(digits, '0')}${zone}`;
}
