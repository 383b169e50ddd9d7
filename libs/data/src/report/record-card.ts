import { clippedText, count, escapeHtml } from '@assay/report-page';
import type { ShownRecord } from './examples.js';
import type { PreparedRecord } from '../prepared-record.js';
import type { Thumbnail } from './thumbnails.js';

const IMAGES_SHOWN = 2;
const MAX_TEXT = 400;

/** Paths of the images that a card shows: the first that the model sees. */
export const shownImages = ({ images, imageDigests }: PreparedRecord): string[] =>
  images.slice(0, Math.min(IMAGES_SHOWN, imageDigests.length));

interface CardContext {
  classes: readonly string[];
  thumbnails: ReadonlyMap<string, Thumbnail>;
  /** Markup beside the split. */
  note?: string;
}

/** A record as a card: which split it is in, its labels, texts and images. Everything of it is a stranger's. */
export function recordCard(
  { record, split }: ShownRecord,
  { classes, thumbnails, note }: CardContext,
): string {
  const texts = Object.entries(record.text)
    .filter(([, text]) => text.trim() !== '')
    .map(
      ([field, text]) =>
        `<div class="field"><span>${escapeHtml(field)}</span><div class="text" dir="auto">${clippedText(text, MAX_TEXT)}</div></div>`,
    );
  const images = shownImages(record).map((path, i) => photo(thumbnails.get(path), `Show image ${i + 1}`));
  const hidden = record.images.length - images.length;
  if (hidden > 0) images.push(`<span class="more-images">+${count(hidden)}</span>`);
  const photos = images.length === 0 ? '' : `<div class="photos">${images.join('')}</div>`;
  return `<article class="record"><p class="record-head"><span class="chip ${split}">${split}</span>${note ?? ''}<b>${clippedText(record.id, 80)}</b></p><p class="labels">${labelChips(record, classes)}</p>${photos}${texts.join('')}</article>`;
}

/** Blurred until it is clicked: people should see what hurts only when they want to. */
function photo(thumbnail: Thumbnail | undefined, label: string): string {
  if (thumbnail === undefined) return '<span class="no-photo">not shown</span>';
  const { uri, width, height } = thumbnail;
  return `<label class="photo"><input type="checkbox" aria-label="${escapeHtml(label)}"><img src="${uri}" width="${width}" height="${height}" alt=""></label>`;
}

/** Labels that say something: classes that a record belongs to, or may belong to, and those that are not known. */
function labelChips({ labels, classIndex }: PreparedRecord, classes: readonly string[]): string {
  const chips = classes.flatMap((name, k) => {
    const label = labels[k] ?? null;
    if (label === null) return [`<span class="chip unknown">${escapeHtml(name)}: unknown</span>`];
    if (label === 0 && classIndex !== k) return [];
    const share = label === 1 ? '' : ` ${label.toFixed(2)}`;
    const isOwn = classIndex === null ? label >= 0.5 : classIndex === k;
    return [`<span class="chip ${isOwn ? 'positive' : 'unknown'}">${escapeHtml(name)}${share}</span>`];
  });
  if (chips.length > 0) return chips.join('');
  const [only = ''] = classes;
  return `<span class="chip none">${classes.length === 1 ? `not ${escapeHtml(only)}` : 'none of them'}</span>`;
}

/** A value of a record inside a sentence or a table. */
export const inlineValue = (value: string): string =>
  value.trim() === '' ? '<i class="clipped">empty</i>' : clippedText(value, 80);

/** Text that is shown as it is in the file, e.g. a rejected row. */
export const rawText = (text: string, maxLength: number): string =>
  `<code class="raw" dir="auto">${clippedText(text, maxLength)}</code>`;
