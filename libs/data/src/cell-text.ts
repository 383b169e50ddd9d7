import { cellError } from './parse-cell.js';
import type { CellValue } from './sources/source.js';
import { textProblemOf } from './sources/value-at-path.js';

/**
 * One value as the text that it would be in a CSV cell: null is empty, numbers and booleans are written out.
 *
 * @throws RECORD_INVALID when the cell holds a list, a struct, bytes, a NUL character, or half a surrogate pair
 */
export function scalarText(cell: CellValue | undefined, column: string): string {
  if (typeof cell === 'string') return soundText(cell, column);
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'object') throw cellError(column, `It is ${kindOf(cell)}; expected one value.`);
  return String(cell);
}

/**
 * The text of a text field: a list of values becomes lines.
 *
 * @throws RECORD_INVALID when the cell holds a struct, bytes, a NUL character, or half a surrogate pair
 */
export const linesText = (cell: CellValue | undefined, column: string): string =>
  isList(cell) ? cell.map((item) => scalarText(item, column)).join('\n') : scalarText(cell, column);

/** Array.isArray does not narrow readonly arrays. */
export const isList = (cell: CellValue | undefined): cell is readonly CellValue[] => Array.isArray(cell);

function kindOf(cell: Exclude<CellValue, string | number | bigint | boolean | null>): string {
  if (isList(cell)) return 'a list';
  return cell instanceof Uint8Array ? 'bytes' : 'a struct';
}

/** Sources look at their own text; this one may come of JSON in a cell. */
function soundText(text: string, column: string): string {
  const problem = textProblemOf(text);
  if (problem === null) return text;
  throw cellError(column, `It ${problem}. Fix: remove it from the source.`);
}
