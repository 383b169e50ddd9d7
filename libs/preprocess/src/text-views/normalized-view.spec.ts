import fc from 'fast-check';
import { join } from 'node:path';
import { runReference, withReferences } from '@assay/testing';
import { MOST_MARKS } from './character-bits.js';
import { foldCase } from './case-fold.js';
import { normalizeVisible } from './normalized-view.js';
import { pinnedNfc } from './pinned-normalization.js';
import { anyText } from './texts.fixture.js';
import { RANGES } from './unicode-tables.js';

const HALF_A_PAIR = /\p{Surrogate}/u;
const changed = (text: string): string[] =>
  Object.entries(normalizeVisible(text).changes)
    .filter(([, isChanged]) => isChanged)
    .map(([name]) => name);

describe('the normalised view', () => {
  it.each([
    ['full-width letters', 'Ｃｕｒｅ', 'Cure', ['compatibility']],
    ['mathematical letters', '𝓌𝕖𝐚𝘱𝚘𝖓', 'weapon', ['compatibility']],
    ['circled letters', 'ⓖⓤⓝ', 'gun', ['compatibility']],
    ['outlined letters, which came with Unicode 16', '\u{1ccdc}\u{1ccea}\u{1cce3}', 'GUN', ['compatibility']],
    ['ligatures', 'ﬁne', 'fine', ['compatibility']],
    ['accents that stand alone', 'cafe\u0301', 'café', ['compatibility']],
    ['zero-width spaces', 'cu\u200bre', 'cure', ['invisible']],
    ['soft hyphens', 'cu\u00adre', 'cure', ['invisible']],
    ['bidirectional overrides', '\u202ecure\u202c', 'cure', ['invisible']],
    ['Arabic letter marks', '\u061ccure', 'cure', ['invisible']],
    ['tags', 'cu\u{e0072}re', 'cure', ['invisible']],
    ['Hangul fillers, plain and half-width', 'c\u3164u\uffa0re', 'cure', ['invisible']],
    ['control characters', 'cu\u0000\u001bre', 'cure', ['invisible']],
    ['an invisible character before an accent', 'cafe\u200d\u0301', 'café', ['invisible', 'compatibility']],
    ['half a surrogate pair', 'a\ud800b', 'a\ufffdb', ['surrogates']],
    ['other spaces', 'a\u00a0b\u3000c\td\u2800e', 'a b c d e', ['whiteSpace']],
    ['line breaks, a CRLF as one, and tabs', 'a\r\nb\nc\td', 'a b c d', []],
    ['line separators', 'a\u2028b', 'a b', ['whiteSpace']],
  ])('sees through %s', (_, text, expected, changes) => {
    expect(normalizeVisible(text).text).toBe(expected);
    expect(changed(text)).toEqual(changes);
  });

  it('of an invisible character between halves of a pair makes no character', () => {
    expect(normalizeVisible('\ud83d\u200b\ude00').text).toBe('\ufffd\ufffd');
  });

  it.each(['Size 5, 100 % wool – new', '', 'Straße ÇA Ñ', 'Чехол', 'حقيبة', 'か゚', '한국어', '😀👍🏽'])(
    'keeps %j',
    (text) => {
      expect(normalizeVisible(text)).toEqual({
        text: text.normalize('NFKC'),
        changes: expect.anything() as unknown,
      });
      expect(changed(text)).toEqual([]);
    },
  );

  it('keeps runs of spaces and capitals', () => {
    expect(normalizeVisible('A  B ').text).toBe('A  B ');
  });

  it(`keeps ${MOST_MARKS} marks in a row`, () => {
    const marks = (count: number): string => '\u0316'.repeat(count);
    expect(normalizeVisible(`x${marks(MOST_MARKS)}y`).text).toBe(`x${marks(MOST_MARKS)}y`);
    expect(normalizeVisible(`x${marks(MOST_MARKS + 1)}y${marks(2)}`).text).toBe(
      `x${marks(MOST_MARKS)}y${marks(2)}`,
    );
    expect(changed(`x${marks(MOST_MARKS)}`)).toEqual([]);
    expect(changed(`x${marks(MOST_MARKS + 1)}`)).toEqual(['marks']);
  });

  it('cuts marks that come out of others, and those that invisible characters part', () => {
    const twoEach = '\u0344'.repeat(MOST_MARKS); // each is a diaeresis and an acute accent
    expect([...normalizeVisible(`x${twoEach}`).text]).toHaveLength(1 + MOST_MARKS);
    expect([...normalizeVisible(`x${'\u0316\u200b'.repeat(40)}`).text]).toHaveLength(1 + MOST_MARKS);
  });

  it('is the normalised view of itself, of any text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { text: once } = normalizeVisible(text);
        expect(normalizeVisible(once).text).toBe(once);
        expect(changed(once)).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  it('holds no character that it removes, nor half of one', () => {
    const removed = [...RANGES.invisible, ...RANGES.whiteSpace.filter(([first]) => first !== 0x20)];
    fc.assert(
      fc.property(anyText, (text) => {
        const { text: view } = normalizeVisible(text);
        const codes = [...view].map((character) => character.codePointAt(0) ?? 0);
        expect(
          codes.filter((code) => removed.some(([first, last]) => first <= code && code <= last)),
        ).toEqual([]);
        expect(view).not.toMatch(HALF_A_PAIR);
      }),
      { numRuns: 1000 },
    );
  });
});

(withReferences ? describe : describe.skip)("Python's unicodedata", () => {
  interface Reference {
    known: string;
    nfkc: Record<string, string>;
    casefold: Record<string, string>;
    texts: [nfkc: string, casefold: string][];
  }
  const script = join(__dirname, '../../scripts/reference-unicode.py');
  const isIn = (ranges: (typeof RANGES)[keyof typeof RANGES], character: string): boolean => {
    const code = character.codePointAt(0) ?? 0;
    return ranges.some(([first, last]) => first <= code && code <= last);
  };
  const isKept = (character: string): boolean =>
    !isIn(RANGES.invisible, character) && !isIn(RANGES.whiteSpace, character);
  const differences = (
    characters: Iterable<string>,
    own: (c: string) => string,
    theirs: (c: string) => string,
  ) => [...characters].filter((character) => own(character) !== theirs(character));

  it('has the same NFKC and case folding of every character that it knows', () => {
    const reference = runReference(script, { input: '[]' }) as Reference; // what the script prints
    const assigned = [...reference.known].filter(isKept);
    const nfkc = (character: string): string => reference.nfkc[character] ?? character;
    expect(assigned.length).toBeGreaterThan(280_000);
    expect(differences(assigned, (c) => normalizeVisible(c).text, nfkc)).toEqual([]);
    const own = assigned.filter((character) => nfkc(character) === character);
    expect(differences(own, foldCase, (c) => reference.casefold[c] ?? c)).toEqual([]);
  });

  it('has the same NFKC and case folding of whole texts', () => {
    const texts = fc
      .sample(anyText, { numRuns: 3000, seed: 1 })
      .filter((text) => !HALF_A_PAIR.test(text) && [...text].every((c) => isKept(c) && !isIn(RANGES.late, c)))
      .map((text) => text.normalize('NFC'));
    const reference = runReference(script, { input: JSON.stringify(texts) }) as Reference; // as above
    expect(texts.length).toBeGreaterThan(500);
    const known = new Set(reference.known);
    for (const [i, text] of texts.entries()) {
      if (![...text].every((character) => known.has(character))) continue;
      const { text: view } = normalizeVisible(text);
      const [nfkc, casefold] = reference.texts[i] ?? [];
      expect([text, view, pinnedNfc(foldCase(view))]).toEqual([text, nfkc, casefold]);
    }
  });
});
