/** Unweighted mean; null when there is no value or one of them is undefined. */
export function meanOf(values: readonly (number | null)[]): number | null {
  if (values.length === 0 || values.includes(null)) return null;
  return values.reduce<number>((total, x) => total + (x ?? 0), 0) / values.length;
}
