const RADIX_BITS = 11;
const BUCKETS = 2 ** RADIX_BITS;

/**
 * Positions of keys in rising order; equal keys in the order of their positions (radix sort).
 *
 * @param keys unsigned 32-bit numbers
 */
export function sortByKey(keys: Uint32Array): Uint32Array {
  let order = Uint32Array.from({ length: keys.length }, (_, i) => i);
  let next = new Uint32Array(keys.length);
  for (let shift = 0; shift < 32; shift += RADIX_BITS) {
    const starts = new Uint32Array(BUCKETS + 1);
    for (let i = 0; i < keys.length; i++) {
      const bucket = ((keys[i] ?? 0) >>> shift) & (BUCKETS - 1);
      starts[bucket + 1] = (starts[bucket + 1] ?? 0) + 1;
    }
    for (let bucket = 0; bucket < BUCKETS; bucket++)
      starts[bucket + 1] = (starts[bucket + 1] ?? 0) + (starts[bucket] ?? 0);
    for (let i = 0; i < order.length; i++) {
      const item = order[i] ?? 0;
      const bucket = ((keys[item] ?? 0) >>> shift) & (BUCKETS - 1);
      const place = starts[bucket] ?? 0;
      next[place] = item;
      starts[bucket] = place + 1;
    }
    [order, next] = [next, order];
  }
  return order;
}

/** Stretches of two or more positions with equal keys. */
export function* runsOf(
  keys: Uint32Array,
  order: Uint32Array,
): Generator<[start: number, end: number], undefined> {
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && keys[order[end] ?? 0] === keys[order[start] ?? 0]) end++;
    if (end - start > 1) yield [start, end];
    start = end;
  }
}
