import { foldVisible, type FoldedText } from './folded-view.js';
import { normalizeVisible, type NormalizedText } from './normalized-view.js';
import { skeletonOf } from './skeleton-view.js';
import { CLASSES, CONFUSABLES_VERSION, UNICODE_VERSION } from './unicode-tables.js';

/** Changes with every change of what the views say of any text. */
export const TEXT_VIEWS_VERSION = `text-views-1 unicode-${UNICODE_VERSION} confusables-${CONFUSABLES_VERSION}`;

/** Which steps changed the text; case and runs of spaces do not count. */
export type TextChanges = Readonly<NormalizedText['changes'] & FoldedText['changes']>;

export interface TextViews {
  /** What a reader sees, in NFKC and its own case: for tokenisers. */
  readonly normalized: string;
  /** Equal for texts that look alike; not for reading. */
  readonly skeleton: string;
  /** In small letters, with common disguises of words undone; for reading. */
  readonly folded: string;
  readonly changes: TextChanges;
}

/**
 * Views of a text that see through disguises. Pure: equal text gives equal views on every supported Node. Views of
 * `normalized` are those of the text itself. Any string is a text; the time grows with its length and no faster.
 */
export function textViews(raw: string): TextViews {
  const normalized = normalizeVisible(raw);
  const folded = foldVisible(normalized.text);
  return {
    normalized: normalized.text,
    skeleton: skeletonOf(normalized.text),
    folded: folded.text,
    changes: { ...normalized.changes, ...folded.changes },
  };
}

/** The folded view alone, at a third of the cost of all. */
export const foldedText = (raw: string): string => foldVisible(normalizeVisible(raw).text).text;

/**
 * Letters and digits of a folded text only: equal whatever spaces and signs were put in or left out, for comparing.
 *
 * @param folded as `textViews` gives it
 */
export const compactText = (folded: string): string => folded.replace(NEITHER_LETTER_NOR_DIGIT, '');

const NEITHER_LETTER_NOR_DIGIT = new RegExp(`[^${CLASSES.letters}${CLASSES.marks}${CLASSES.numbers}]+`, 'gu');
