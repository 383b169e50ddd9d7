import { foldCase } from './case-fold.js';
import { collapseSpaces } from './collapse-spaces.js';
import { HINTS, hintsOf } from './fold-hints.js';
import { codesOf, foldLeet } from './fold-leet.js';
import { foldLookAlikes } from './fold-look-alikes.js';
import { foldRepeats } from './fold-repeats.js';
import { foldSpacing } from './fold-spacing.js';
import { pinnedNfc } from './pinned-normalization.js';

export interface FoldedText {
  text: string;
  changes: {
    /** Letters of other scripts stood for Latin ones. */
    lookAlikes: boolean;
    /** Letters of a word were spread. */
    spacing: boolean;
    /** Digits and signs stood for letters. */
    leet: boolean;
    /** A letter was repeated three times or more. */
    repeats: boolean;
  };
}

/**
 * A text in small letters with common disguises of words undone: spread letters, look-alikes of other scripts, leet,
 * lengthened words, runs of spaces.
 *
 * @param normalized as `normalizeVisible` gives it
 */
export function foldVisible(normalized: string): FoldedText {
  const hints = hintsOf(normalized);
  const joined = hints & HINTS.spacing ? foldSpacing(normalized) : normalized;
  const latin = hints & HINTS.otherThanAscii ? foldLookAlikes(joined) : joined;
  const lower = pinnedNfc(foldCase(latin));
  const spelled = hints & HINTS.leet ? foldLeet(lower, codesOf(latin)) : lower;
  const shortened = hints & (HINTS.leet | HINTS.repeats) ? foldRepeats(spelled) : spelled;
  return {
    text: hints & HINTS.spaces ? collapseSpaces(shortened) : shortened,
    changes: {
      lookAlikes: latin !== joined,
      spacing: joined !== normalized,
      leet: spelled !== lower,
      repeats: shortened !== spelled,
    },
  };
}
