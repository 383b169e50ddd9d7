/** cos(π u (2x + 1) / 2N) for frequencies u and the first half of the positions x, by N. */
const cosines = new Map<number, Float64Array>();

/**
 * The lowest frequencies of a square's discrete cosine transform (DCT-II, not normalised):
 * Σ_y Σ_x grey(y, x) cos(π v (2y + 1) / 2N) cos(π u (2x + 1) / 2N).
 *
 * Pixels that mirror each other are added for even frequencies and subtracted for odd ones, before anything is rounded: so
 * the mirrored image has the same numbers, with the signs of odd horizontal frequencies turned, to the last bit.
 *
 * @param grey_HW square of N² values, N even
 * @param count frequencies in each direction
 * @returns count × count values, vertical frequency first
 */
export function lowFrequencies(grey_HW: ArrayLike<number>, count: number): Float64Array {
  const size = Math.sqrt(grey_HW.length);
  const values = Float64Array.from(grey_HW);
  const horizontal = new Float64Array(count * size); // by horizontal frequency, then row
  for (let y = 0; y < size; y++)
    transform(values, { at: y * size, step: 1, size }, horizontal, { at: y, step: size, count });
  const out = new Float64Array(count * count);
  for (let u = 0; u < count; u++)
    transform(horizontal, { at: u * size, step: 1, size }, out, { at: u, step: count, count });
  return out;
}

/** One line of values to its lowest frequencies. */
function transform(
  values: Float64Array,
  from: { at: number; step: number; size: number },
  out: Float64Array,
  to: { at: number; step: number; count: number },
): void {
  const half = from.size / 2;
  const table = cosinesOf(from.size, to.count);
  const last = from.at + (from.size - 1) * from.step;
  for (let u = 0; u < to.count; u++) {
    const sign = u % 2 === 0 ? 1 : -1;
    let sum = 0;
    for (let x = 0; x < half; x++) {
      const mirrored = values[last - x * from.step] ?? 0;
      sum += ((values[from.at + x * from.step] ?? 0) + sign * mirrored) * (table[u * half + x] ?? 0);
    }
    out[to.at + u * to.step] = sum;
  }
}

function cosinesOf(size: number, count: number): Float64Array {
  const known = cosines.get(size);
  if (known !== undefined && known.length >= (count * size) / 2) return known;
  const half = size / 2;
  const table = Float64Array.from({ length: count * half }, (_, i) =>
    Math.cos((Math.PI * Math.floor(i / half) * (2 * (i % half) + 1)) / (2 * size)),
  );
  cosines.set(size, table);
  return table;
}
