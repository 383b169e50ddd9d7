import { foldCase } from './case-fold.js';
import { collapseSpaces } from './collapse-spaces.js';
import { pinnedNfd } from './pinned-normalization.js';
import { replaceCharacters } from './replace-characters.js';
import { SKELETONS } from './unicode-tables.js';

/**
 * The skeleton of a normalised text: equal for texts that look alike, in any case. Not for reading: `m` is `rn`, `0` is
 * `o`, `1` and `|` are `l`, as UTS #39 has it.
 *
 * UTS #39 knows case: its prototype of `I` is `l`, of `0` is `O`. Here the text is case-folded first, so that `I` and
 * `i` are one letter, and prototypes are folded again (`0` is `o`); a small letter whose capital alone looks Latin goes
 * with that (`н` is `h`, as `Н` is `H`). The price: a capital `I` in place of an `l` is seen only as `i`, a Greek `Ν` or
 * `Υ` only as its small letter, `v` or `u`. Runs of spaces are one, those at the ends none.
 *
 * @param normalized as `normalizeVisible` gives it
 * @see https://www.unicode.org/reports/tr39/#Confusable_Detection
 */
export function skeletonOf(normalized: string): string {
  const decomposed = pinnedNfd(foldCase(normalized));
  return collapseSpaces(withoutAsciiConfusables(pinnedNfd(replaceCharacters(decomposed, SKELETONS))));
}

/** Passes of native code: faster than one with a function call for each of the many `m`. */
const withoutAsciiConfusables = (text: string): string =>
  RARE_ASCII_CONFUSABLE.test(text)
    ? ASCII_SKELETONS.reduce((now, [character, skeleton]) => now.replaceAll(character, skeleton), text)
    : text.replaceAll('m', 'rn');

const LAST_ASCII = 0x7f;
const ASCII_SKELETONS = [...SKELETONS]
  .filter(([codePoint]) => codePoint <= LAST_ASCII)
  .map(([codePoint, skeleton]) => [String.fromCharCode(codePoint), skeleton] as const);
/** All but `m`. */
const RARE_ASCII_CONFUSABLE = /["%01`|]/;
