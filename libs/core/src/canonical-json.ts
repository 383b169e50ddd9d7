/**
 * JSON text with the keys of every object sorted, so that equal values give equal bytes.
 *
 * @param value anything that JSON can hold; `undefined` members are left out
 * @returns one line without spaces
 * @throws {TypeError} for NaN and infinities, which JSON would silently turn into null
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sorted(value));
}

function sorted(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new TypeError(`canonicalJson: ${value} has no JSON form`);
  }
  if (Array.isArray(value)) return value.map(sorted);
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).filter(([, member]) => member !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return Object.fromEntries(entries.map(([key, member]) => [key, sorted(member)]));
  }
  return value;
}
