import { count, html, section, tableHtml, type Html } from '@assay/report-page';
import type { LeakPair, LeakReport } from '../../leak-report.js';

/** What splits share: nothing, or the run is leaky. */
export function leakSection({ leaky, pairs }: LeakReport): string {
  const verdict = leaky
    ? '<p class="verdict bad"><b>Leaky run.</b> Splits share what they must not, so results on them would be too good. A model of these data cannot be promoted.</p>'
    : `<p class="verdict good"><b>No leak.</b> No id, no group, ${contentOf(pairs)} lies in two splits. This was looked for anew in the files as they were written.</p>`;
  const rows = pairs.map((pair) => [
    pair.between.join(' → '),
    ...SHARED.map(([key]) => sharedCell(pair[key])),
    html(
      pair.timesOverlap === null
        ? '<span class="quiet">no times</span>'
        : `<span class="quiet">${pair.timesOverlap ? 'yes' : 'no'}</span>`,
    ),
  ]);
  const header = ['splits', ...SHARED.map(([, name]) => name), 'times overlap'];
  return section('What the splits share', verdict + tableHtml(header, rows, { numbersFrom: 1 }), 'leaks');
}

/** What was looked for: of texts and of images either equal ones only, or those that are nearly equal as well. */
function contentOf(pairs: readonly LeakPair[]): string {
  const how = (key: 'nearTexts' | 'nearImages'): string =>
    pairs.some((pair) => pair[key] === null) ? 'equal' : 'equal or nearly equal';
  const [texts, images] = [how('nearTexts'), how('nearImages')];
  return texts === images ? `and no ${texts} text or image` : `no ${texts} text, and no ${images} image`;
}

const SHARED = [
  ['sharedIds', 'ids'],
  ['sharedGroups', 'groups'],
  ['equalTexts', 'equal texts'],
  ['nearTexts', 'near texts'],
  ['equalImages', 'equal images'],
  ['nearImages', 'near images'],
] as const satisfies readonly (readonly [keyof LeakPair, string])[];

function sharedCell(value: number | null): Html {
  if (value === null) return html('<span class="quiet">not looked for</span>');
  return html(`<span class="${value === 0 ? 'zero' : 'shared'}">${count(value)}</span>`);
}
