import fc from 'fast-check';
import { JaccardOfTexts } from './jaccard.js';
import { ParitySketches } from './parity-sketches.js';
import { Shingler } from './shingles.js';
import { TextStore } from './text-store.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function candidatesOf(texts: readonly string[], threshold: number): number[] {
  const store = new TextStore();
  for (const text of texts) store.add(text);
  const members = [...texts.keys()];
  const sketches = new ParitySketches(store.texts(), members, { threshold, shingleLength: 3 });
  return sketches.candidates(0, Uint32Array.from(members.slice(1)));
}

it('never rules out a text that reaches the threshold', () => {
  const text = fc.string({ minLength: 1, maxLength: 80, unit: 'grapheme-ascii' });
  const changed = fc.tuple(text, text, fc.string({ maxLength: 4 })).map(([a, b, c]) => [a + b, a + c + b]);
  fc.assert(
    fc.property(changed, fc.constantFrom(0.3, 0.5, 0.8, 0.95, 1), ([a = '', b = ''], threshold) => {
      const jaccard = new JaccardOfTexts(new Shingler(3));
      jaccard.load(bytes(a));
      if (jaccard.similarity(bytes(b)) >= threshold) expect(candidatesOf([a, b], threshold)).toEqual([1]);
    }),
    { numRuns: 500 },
  );
});

it('rules out nearly all others', () => {
  const words = (first: number): string =>
    Array.from({ length: 60 }, (_, i) => `word${(first + i) * 7919}`).join(' ');
  const shifted = Array.from({ length: 60 }, (_, i) => words(i)); // the k-th shares all but k words with the first
  expect(candidatesOf(shifted, 0.8).at(-1)).toBeLessThan(12);
});
