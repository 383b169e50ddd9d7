import { foldVisible } from './text-views/folded-view.js';
import { normalizeVisible } from './text-views/normalized-view.js';
import { textViews, type TextChanges } from './text-views/text-views.js';

/** Which view of a text the model reads. */
export const VIEWS = ['raw', 'normalized', 'folded'] as const;
export type View = (typeof VIEWS)[number];

/** The kinds of change that normalising makes, in the order of their features. */
export const CHANGES = Object.keys(textViews('').changes) as (keyof TextChanges)[]; // the keys of the same object

export interface TextFieldsConfig {
  fields: readonly string[];
  view: View;
  /** Kinds of change that become features. */
  changes: readonly (keyof TextChanges)[];
}

/** The text of a record as an encoder reads it. */
export interface TextFields {
  /** The view of each field, in the order of the config. */
  texts: string[];
  /** Whether any field holds a visible character. */
  isPresent: boolean;
  /** 1 for each kind of change that normalising made in any field, else 0. */
  changes: number[];
}

/** Characters of a field that are read, after normalisation: no listing is as long, and a hostile one costs no more. */
const MAX_FIELD_CHARS = 2 ** 16;
/** Cut before normalisation too, which is slow on megabytes; four times as long, as much may be invisible. */
const MAX_RAW_CHARS = 4 * MAX_FIELD_CHARS;

/** Reads the fields of a record; a field that it lacks is the empty text. Of a field, the first 65,536 characters count. */
export function readTextFields(
  text: Readonly<Record<string, string>>,
  { fields, view, changes }: TextFieldsConfig,
): TextFields {
  const raws = fields.map((field) => (text[field] ?? '').slice(0, MAX_RAW_CHARS));
  const read = raws.map((raw) => viewOf(raw, view, changes.length > 0));
  return {
    texts: read.map(({ seen }) => seen.slice(0, MAX_FIELD_CHARS)),
    isPresent: raws.some((raw) => VISIBLE.test(raw)),
    changes: changes.map((change) => Number(read.some(({ changes: made }) => made[change] === true))),
  };
}

const VISIBLE = /[^\s\p{Default_Ignorable_Code_Point}\p{Bidi_Control}]/u;

interface ViewOfText {
  seen: string;
  changes: Partial<TextChanges>;
}

/** @param needsChanges folds even when the view does not need it, which takes twice as long */
function viewOf(raw: string, view: View, needsChanges: boolean): ViewOfText {
  if (view === 'raw' && !needsChanges) return { seen: raw, changes: {} };
  const normalized = normalizeVisible(raw);
  if (view !== 'folded' && !needsChanges) return { seen: normalized.text, changes: {} };
  const folded = foldVisible(normalized.text);
  const seen = { raw, normalized: normalized.text, folded: folded.text }[view];
  return { seen, changes: { ...normalized.changes, ...folded.changes } };
}
