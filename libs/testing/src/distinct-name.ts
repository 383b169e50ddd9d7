const SYLLABLES = ['ka', 'lo', 'mi', 'nu', 'pe', 'ri', 'so', 'tu'];

/**
 * A made-up word for each number from 0 to 511. Two of them differ in two syllables of five at least, so that short texts
 * with them are no near-duplicates.
 */
export function distinctName(number: number): string {
  const [a, b, c] = [number >> 6, number >> 3, number];
  return [a, b, c, a + b + c, a + 2 * b + 3 * c].map((digit) => SYLLABLES[digit & 7]).join('');
}
