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

/** Deeper values are refused: whoever walks or writes them calls itself for each level. */
const MAX_DEPTH = 100;

/** What makes a value unfit for text files and models: NUL characters, halves of surrogate pairs, and too many levels. */
export function textProblemOf(value: CellValue): string | null {
  if (typeof value === 'string') return problemOf(value);
  for (const { item, depth } of valuesIn(value)) {
    if (depth > MAX_DEPTH) return `is nested more than ${MAX_DEPTH} levels deep`;
    const problem = typeof item === 'string' ? problemOf(item) : null;
    if (problem !== null) return problem;
  }
  return null;
}

function problemOf(text: string): string | null {
  if (text.includes('\0')) return 'holds a NUL character';
  return text.isWellFormed() ? null : 'holds half a surrogate pair';
}

/** A text without as many digits in a row has no integer that a number cannot hold. */
const MANY_DIGITS = /\d{16}/;

/** Whether an integer of a JSON text lost digits, in a value that was parsed from it. */
export function isRounded(value: CellValue, json: string): boolean {
  return MANY_DIGITS.test(json) && hasUnsafeInteger(value);
}

function hasUnsafeInteger(value: CellValue): boolean {
  for (const { item } of valuesIn(value))
    if (typeof item === 'number' && Number.isInteger(item) && !Number.isSafeInteger(item)) return true;
  return false;
}

/** A value and all that is in it, in any order. */
export function* valuesIn(value: CellValue): Generator<{ item: CellValue; depth: number }> {
  const open = [{ item: value, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    yield next;
    for (const item of itemsOf(next.item)) open.push({ item, depth: next.depth + 1 });
  }
}

const itemsOf = (value: CellValue): readonly CellValue[] =>
  // Array.isArray does not narrow readonly arrays
  Array.isArray(value) ? (value as readonly CellValue[]) : isStruct(value) ? Object.values(value) : [];
