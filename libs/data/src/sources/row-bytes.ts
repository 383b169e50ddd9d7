import type { CellValue } from './source.js';
import { valuesIn } from './value-at-path.js';

/** Whether the texts and bytes in some cells take no more than a number of bytes, as UTF-8. */
export function fitsInto(cells: readonly CellValue[], maxBytes: number): boolean {
  const numUnits = sum(cells, (text) => text.length);
  if (numUnits > maxBytes) return false;
  // UTF-8 takes one to three bytes for a unit of UTF-16
  return 3 * numUnits <= maxBytes || sum(cells, (text) => Buffer.byteLength(text)) <= maxBytes;
}

function sum(cells: readonly CellValue[], sizeOf: (text: string | Uint8Array) => number): number {
  let total = 0;
  for (const cell of cells)
    if (typeof cell === 'string') total += sizeOf(cell);
    else if (typeof cell === 'object' && cell !== null)
      for (const { item } of valuesIn(cell))
        if (typeof item === 'string' || item instanceof Uint8Array) total += sizeOf(item);
  return total;
}
