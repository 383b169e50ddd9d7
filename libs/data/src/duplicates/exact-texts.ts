import { bytesOf, type StoredTexts } from './text-store.js';

/** Texts without the copies of earlier ones. */
export interface DistinctTexts {
  /** The first of equal texts, in rising order; texts without characters are left out. */
  text_N: Uint32Array;
  /** Every other text, with the first that it equals. */
  copies: { first: number; copy: number }[];
}

/** Finds texts that are equal byte by byte. */
export function distinctTexts(texts: StoredTexts): DistinctTexts {
  const firsts: number[] = [];
  const copies: DistinctTexts['copies'] = [];
  const byHash = new Map<number, number[]>();
  for (let text = 0; text < texts.length_N.length; text++) {
    const bytes = bytesOf(texts, text);
    if (bytes.length === 0) continue;
    const hash = hashOf(bytes);
    const seen = byHash.get(hash);
    const first = seen?.find((other) => Buffer.compare(bytes, bytesOf(texts, other)) === 0);
    if (first !== undefined) {
      copies.push({ first, copy: text });
      continue;
    }
    firsts.push(text);
    if (seen === undefined) byHash.set(hash, [text]);
    else seen.push(text);
  }
  return { text_N: Uint32Array.from(firsts), copies };
}

/** 53 bits of two polynomials; equal hashes are compared byte by byte. */
function hashOf(bytes: Uint8Array): number {
  let [a, b] = [bytes.length, 0x811c9dc5];
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    a = (Math.imul(a, 31) + byte) | 0;
    b = Math.imul(b ^ byte, 0x01000193);
  }
  return (a >>> 11) * 2 ** 32 + (b >>> 0);
}
