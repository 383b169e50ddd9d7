import fc from 'fast-check';
import { foldCase } from './case-fold.js';
import { collapseSpaces } from './collapse-spaces.js';
import { codesOf, foldLeet } from './fold-leet.js';
import { foldLookAlikes } from './fold-look-alikes.js';
import { foldRepeats } from './fold-repeats.js';
import { foldSpacing } from './fold-spacing.js';
import { normalizeVisible } from './normalized-view.js';
import { pinnedNfc } from './pinned-normalization.js';
import { PRODUCT_PHRASES } from './product-phrases.fixture.js';
import { compactText, foldedText, textViews, TEXT_VIEWS_VERSION, type TextViews } from './text-views.js';
import { anyAsciiText, anyText } from './texts.fixture.js';

const changesOf = ({ changes }: TextViews): string[] =>
  Object.entries(changes)
    .filter(([, isChanged]) => isChanged)
    .map(([name]) => name);

describe('the views of a text', () => {
  it('a case by hand', () => {
    expect(textViews('Ｂuy  a W3aρоn\u200b, g u n or kniiife m')).toEqual({
      normalized: 'Buy  a W3aρоn, g u n or kniiife m',
      skeleton: 'buy a w3apon, g u n or kniiife rn',
      folded: 'buy a weapon, gun or knife m',
      changes: {
        surrogates: false,
        invisible: true,
        whiteSpace: false,
        marks: false,
        compatibility: true,
        lookAlikes: true,
        spacing: true,
        leet: true,
        repeats: true,
      },
    });
  });

  it.each([
    ['w e a p o n', 'weapon', ['spacing']],
    ['h 4 t 3', 'h 4 t 3', []],
    ['h 4 t e', 'hate', ['spacing', 'leet']],
    ['Н4te', 'hate', ['lookAlikes', 'leet']], // a Cyrillic Н
    ['н4te', 'н4te', []], // which looks like no h when small
    ['ʙᴜʏ ɢᴜɴꜱ', 'buy guns', ['lookAlikes']],
    ['wеeeap0n', 'weapon', ['lookAlikes', 'leet', 'repeats']],
    ['ＳＴＲＡẞＥ', 'strasse', ['compatibility']],
    ['a\u00a0 b', 'a b', ['whiteSpace']],
    ['', '', []],
    ['   ', '', []],
  ])('%j is folded to %j', (text, folded, changes) => {
    const views = textViews(text);
    expect(views.folded).toBe(folded);
    expect(changesOf(views)).toEqual(changes);
  });

  it('are compact without spaces and signs', () => {
    expect(compactText('they all, co-workers, are 5 été!')).toBe('theyallcoworkersare5été');
  });

  it('name the version of their data', () => {
    expect(TEXT_VIEWS_VERSION).toBe('text-views-1 unicode-17.0.0 confusables-10.0.0');
  });

  it.each(PRODUCT_PHRASES)('of an honest phrase differ in case only: %s', (text) => {
    const views = textViews(text);
    expect(views.folded).toBe(pinnedNfc(foldCase(text.normalize('NFC'))));
    expect(changesOf(views)).toEqual([]);
  });

  it('see leet where a name is written in it', () => {
    expect(['H1Z1', 'EN1KA', 'S3XY', 'A$AP', 'Ke$ha'].map(foldedText)).toEqual([
      'hizi',
      'enika',
      'sexy',
      'asap',
      'kesha',
    ]);
  });
});

describe('the views of any text', () => {
  const anything = fc.oneof(anyText, anyAsciiText);

  it('are those of its normalised view', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const { normalized, skeleton, folded } = textViews(text);
        expect(textViews(normalized)).toMatchObject({ normalized, skeleton, folded });
      }),
      { numRuns: 2000 },
    );
  });

  it('are what all steps give, also those that a look at the text leaves out', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const { text: normalized } = normalizeVisible(text);
        const joined = foldSpacing(normalized);
        const latin = foldLookAlikes(joined);
        const lower = pinnedNfc(foldCase(latin));
        const folded = collapseSpaces(foldRepeats(foldLeet(lower, codesOf(latin))));
        expect(foldedText(text)).toBe(folded);
      }),
      { numRuns: 4000 },
    );
  });

  it('are well-formed Unicode, folded ones without white space but single spaces', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const { normalized, skeleton, folded } = textViews(text);
        for (const view of [normalized, skeleton, folded]) expect(view).not.toMatch(/\p{Surrogate}/u);
        expect(folded).toBe(folded.replaceAll(/\s+/gu, ' ').trim());
      }),
      { numRuns: 2000 },
    );
  });

  // A step whose time grows with the square of the length would take minutes for one of these.
  it.each([
    ['one letter', 'a'],
    ['marks out of order', '\u0301\u0316'],
    ['marks that come out of letters', '\uff9e\u0316'],
    ['spread letters', 'a '],
    ['dots and signs', 'a.4.'],
    ['leet', 'h4te'],
    ['dollars', 'a$'],
    ['exclamation marks', 'b!'],
    ['at signs', 'a@a.'],
    ['repeated letters', 'baaa'],
    ['look-alikes', 'wе'],
    ['invisible characters', 'a\u200b'],
    ['lone surrogates', '\ud800'],
    ['late characters', '\u{1ccd6}é'],
    ['spaces', '  a'],
    ['links', '://'],
  ])('come for 300,000 units of %s', (_, pattern) => {
    const text = pattern.repeat(Math.ceil(3e5 / pattern.length));
    expect(textViews(text).normalized.length).toBeGreaterThan(0);
  });
});
