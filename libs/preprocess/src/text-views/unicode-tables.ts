import tables from './unicode-tables.json';

/** Version of the Unicode data of all views. */
export const UNICODE_VERSION: string = tables.unicode;

/** Version of the data of UTS #39. */
export const CONFUSABLES_VERSION: string = tables.confusables;

/** First and last code point. */
export type Range = readonly [number, number];

/**
 * Sets of characters; `scripts/build-unicode-tables.mjs` makes the data. Node's own `\p{…}` change with Node, these do not.
 *
 * - `invisible`: default-ignorable code points (soft hyphen, zero-width characters, variation selectors, tags, Hangul
 *   fillers), bidirectional controls, control characters and interlinear annotation marks
 * - `whiteSpace`: White_Space, and the blank Braille pattern
 * - `late`: what the oldest Unicode of a supported Node (the `floor` of the data, 15.0.0) has no character for
 * - `letters`, `marks`, `numbers`: general categories L, M (visible) and N
 */
export const RANGES = {
  invisible: rangesOf(tables.invisible),
  whiteSpace: rangesOf(tables.whiteSpace),
  late: rangesOf(tables.late),
  letters: rangesOf(tables.letters),
  marks: rangesOf(tables.marks),
  numbers: rangesOf(tables.numbers),
} as const;

/** The same sets as parts of a character class (flag `u`). */
export const CLASSES = {
  invisible: classOf(RANGES.invisible),
  whiteSpace: classOf(RANGES.whiteSpace),
  late: classOf(RANGES.late),
  letters: classOf(RANGES.letters),
  marks: classOf(RANGES.marks),
  numbers: classOf(RANGES.numbers),
} as const;

/** By code point: compatibility decompositions of late characters, which Node's `normalize` may not know. */
export const LATE_DECOMPOSITIONS = mapOf(tables.lateDecompositions);

/** By code point: full default case folding of the characters outside ASCII that NFKC leaves. */
export const CASE_FOLDS = mapOf(tables.caseFolds);

/**
 * By code point: skeletons of single characters, as they stand in folded NFKD text: NFKC, case folding and the
 * prototypes of UTS #39, repeated until none changes the result. A small letter that looks like no Latin one, but whose
 * capital does (`н` and `Н`), goes with its capital.
 */
export const SKELETONS = mapOf(tables.skeletons);

/** By code point: the ASCII letters that a character beyond U+024F looks like in its own case, by UTS #39. */
export const LOOK_ALIKES = mapOf(tables.lookAlikes);

function rangesOf(list: string): readonly Range[] {
  return list.split(' ').map((range): Range => {
    const [first = '', last = first] = range.split('-');
    return [Number.parseInt(first, 16), Number.parseInt(last, 16)];
  });
}

function classOf(ranges: readonly Range[]): string {
  return ranges.map((ends) => ends.map(escapeOf).join('-')).join('');
}

/** The data list sources by target, which is shorter; all are code points in hexadecimal. */
function mapOf(sourcesByTarget: Readonly<Record<string, string>>): ReadonlyMap<number, string> {
  const map = new Map<number, string>();
  for (const [target, sources] of Object.entries(sourcesByTarget)) {
    for (const source of sources.split(' ')) map.set(Number.parseInt(source, 16), textOf(target));
  }
  return map;
}

function textOf(codes: string): string {
  return String.fromCodePoint(...codes.split(' ').map((hex) => Number.parseInt(hex, 16)));
}

function escapeOf(codePoint: number): string {
  return `\\u{${codePoint.toString(16)}}`;
}
