import type { CellValue } from './source.js';

/**
 * The value of a column in an object. The whole name is tried first, then its parts between dots, each one level deeper;
 * through a list a path gives the list of the values of its items.
 *
 * @returns undefined when it is not there
 */
export function valueAtPath(value: CellValue | undefined, path: string): CellValue | undefined {
  if (Array.isArray(value)) {
    // Array.isArray does not narrow readonly arrays
    const values = (value as readonly CellValue[]).map((item) => valueAtPath(item, path));
    return values.every((each) => each === undefined) ? undefined : values.map((each) => each ?? null);
  }
  if (!isStruct(value)) return undefined;
  if (Object.hasOwn(value, path)) return value[path];
  for (let dot = path.indexOf('.'); dot > 0; dot = path.indexOf('.', dot + 1)) {
    const name = path.slice(0, dot);
    if (!Object.hasOwn(value, name)) continue;
    const found = valueAtPath(value[name], path.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}

export function isStruct(value: CellValue | undefined): value is Readonly<Record<string, CellValue>> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
  );
}

/** What makes a value unfit for text files and models: NUL characters and halves of surrogate pairs. */
export function textProblemOf(value: CellValue): string | null {
  if (typeof value === 'string') {
    if (value.includes('\0')) return 'holds a NUL character';
    return /\p{Surrogate}/u.test(value) ? 'holds half a surrogate pair' : null;
  }
  for (const item of itemsOf(value)) {
    const problem = textProblemOf(item);
    if (problem !== null) return problem;
  }
  return null;
}

/** A text without as many digits in a row has no integer that a number cannot hold. */
const MANY_DIGITS = /\d{16}/;

/** Whether an integer of a JSON text lost digits, in a value that was parsed from it. */
export function isRounded(value: CellValue, json: string): boolean {
  return MANY_DIGITS.test(json) && hasUnsafeInteger(value);
}

function hasUnsafeInteger(value: CellValue): boolean {
  if (typeof value === 'number') return Number.isInteger(value) && !Number.isSafeInteger(value);
  return itemsOf(value).some(hasUnsafeInteger);
}

const itemsOf = (value: CellValue): readonly CellValue[] =>
  // Array.isArray does not narrow readonly arrays
  Array.isArray(value) ? (value as readonly CellValue[]) : isStruct(value) ? Object.values(value) : [];
