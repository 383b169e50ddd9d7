import { count, escapeHtml, section } from '@assay/report-page';
import type { DataFacts } from '../collect-facts.js';
import { MAX_CLASSES } from '../examples.js';
import { recordCard } from '../record-card.js';
import type { Thumbnail } from '../thumbnails.js';

/** Some records of each class. */
export function exampleSection(
  { examples, labels }: DataFacts,
  thumbnails: ReadonlyMap<string, Thumbnail>,
): string {
  if (examples.length === 0) return '';
  const context = { classes: labels.names, thumbnails };
  const groups = examples.map(({ name, total, examples: shown }) => {
    const cards = shown.map((example) => recordCard(example, context));
    return `<h3>${escapeHtml(name ?? noneOf(labels.names))} <small>${shown.length} of ${count(total)}, drawn by chance</small></h3><div class="records">${cards.join('')}</div>`;
  });
  const more =
    labels.names.length > MAX_CLASSES
      ? `<p class="quiet">The first ${MAX_CLASSES} of ${count(labels.names.length)} classes.</p>`
      : '';
  return section('Examples', `${groups.join('')}${more}`, 'examples');
}

/** What records of no class are called. */
const noneOf = (names: readonly string[]): string =>
  names.length === 1 ? `Not ${names[0]}, or unknown` : 'None of them, or unknown';
