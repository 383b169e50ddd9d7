import { count, escapeHtml, html, section, tableHtml, type Html } from '@assay/report-page';
import {
  notCompared,
  SHARED_COUNTS,
  wasAllCompared,
  type LeakPair,
  type LeakReport,
} from '../../leak-report.js';

/** What splits share: nothing that was looked for, or the run is leaky. */
export function leakSection(report: LeakReport): string {
  const { pairs } = report;
  const verdict = verdictOf(report) + sentences(notCompared(report));
  const rows = pairs.map((pair) => [
    pair.between.join(' → '),
    ...SHARED_COUNTS.map(([key]) => sharedCell(pair[key])),
    html(
      pair.timesOverlap === null
        ? '<span class="quiet">no times</span>'
        : `<span class="quiet">${pair.timesOverlap ? 'yes' : 'no'}</span>`,
    ),
  ]);
  const header = ['splits', ...SHARED_COUNTS.map(([, name]) => name), 'times overlap'];
  return section('What the splits share', verdict + tableHtml(header, rows, { numbersFrom: 1 }), 'leaks');
}

function verdictOf(report: LeakReport): string {
  if (report.leaky)
    return '<p class="verdict bad"><b>Leaky run.</b> Splits share what they must not, so results on them would be too good. A model of these data cannot be promoted.</p>';
  const hasGroups = Object.keys(report.recordsWithoutGroup).length > 0;
  const content = `${hasGroups ? 'no group, ' : ''}${contentOf(report.pairs, report.images)}`;
  return wasAllCompared(report)
    ? `<p class="verdict good"><b>No leak.</b> No id, ${content} lies in two splits. This was looked for anew in the files as they were written.</p>`
    : `<p class="verdict"><b>No leak was found, but not all was compared.</b> Of what was compared, no id, ${content} lies in two splits.</p>`;
}

/** What was looked for: of texts and of images either equal ones only, or those that are nearly equal as well. */
function contentOf(pairs: readonly LeakPair[], images: LeakReport['images']): string {
  const how = (key: 'nearTexts' | 'nearImages'): string =>
    pairs.some((pair) => pair[key] === null) ? 'equal' : 'equal or nearly equal';
  const [text, image] = [how('nearTexts'), how('nearImages')];
  if (images === null) return `and no ${text} text`;
  if (images.skipped > 0)
    return `no ${text} text, and no ${image} image among the first ${count(images.perRecord)} of a record`;
  return text === image ? `and no ${text} text or image` : `no ${text} text, and no ${image} image`;
}

const sentences = (texts: readonly string[]): string =>
  texts.length === 0 ? '' : `<p>${texts.map(escapeHtml).join(' ')}</p>`;

function sharedCell(value: number | null): Html {
  if (value === null) return html('<span class="quiet">not looked for</span>');
  return html(`<span class="${value === 0 ? 'zero' : 'shared'}">${count(value)}</span>`);
}
