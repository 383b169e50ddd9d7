import { count, drawSvg, section, tableHtml } from '@assay/report-page';
import { SPLITS } from '../../split-key.js';
import type { DataFacts } from '../collect-facts.js';
import type { KindSummary } from '../duplicate-lines.js';
import type { Family, FamilyMember } from '../families.js';
import { recordCard } from '../record-card.js';
import { similarityChart } from '../report-charts.js';
import type { Thumbnail } from '../thumbnails.js';
import { figure } from './figures.js';

/** Equal and nearly equal texts and images, and where they went. */
export async function duplicateSection(
  facts: DataFacts,
  thumbnails: ReadonlyMap<string, Thumbnail>,
): Promise<string> {
  const { duplicates, components } = facts;
  const held = `<p>${count(components.count)} sets of two or more records are held together by duplicates or groups: ${count(components.numRecords)} records, the largest set ${count(components.largest)}. No set may lie in two splits.</p>`;
  if (duplicates.numFamilies === 0)
    return section('Duplicates', `<p>No duplicates were found.</p>${held}`, 'duplicates');
  const kinds = tableHtml(
    ['found', 'number', 'similarity'],
    duplicates.kinds.map((kind) => [KIND_NAMES[kind.kind], count(kind.count), similarityOf(kind)]),
    { numbersFrom: 1 },
  );
  const chart =
    duplicates.similarities.length === 0
      ? ''
      : figure(
          await drawSvg(similarityChart(duplicates), 'Near-duplicate texts by similarity'),
          'Near-duplicate texts',
        );
  const differing =
    duplicates.numDiffering === 0
      ? ''
      : `<p><b>Labels contradict each other in ${count(duplicates.numDiffering)} of these texts, images and pairs.</b> <code>duplicates.jsonl</code> marks them by <code>labelsDiffer</code>.</p>`;
  const families = duplicates.largest.map((family) => familyBlock(family, facts, thumbnails));
  return section(
    'Duplicates',
    `<p>${count(duplicates.numRecords)} records have a text or image that another has too, or one like it. They form ${count(duplicates.numFamilies)} families.</p>${differing}${held}<div class="pair"><div>${kinds}</div>${chart}</div><h3>The largest families <small>${families.length} of ${count(duplicates.numFamilies)}</small></h3>${families.join('')}`,
    'duplicates',
  );
}

const KIND_NAMES = {
  'equal text': 'texts that several records have',
  'near text': 'pairs of near-duplicate texts',
  'equal image': 'images that several records have',
  'near image': 'pairs of near-duplicate images',
  'mirrored image': 'pairs of mirrored images',
} as const satisfies Record<KindSummary['kind'], string>;

function similarityOf({ minSimilarity, maxSimilarity }: KindSummary): string {
  const [low, high] = [minSimilarity.toFixed(2), maxSimilarity.toFixed(2)];
  return low === high ? low : `${low} to ${high}`;
}

function familyBlock(
  family: Family,
  { labels }: DataFacts,
  thumbnails: ReadonlyMap<string, Thumbnail>,
): string {
  const { size, kinds, firstSeen, splits, purged, members } = family;
  const places = SPLITS.filter((split) => splits[split] > 0);
  const went = places.map((split) => `<span class="chip ${split}">${split} ${count(splits[split])}</span>`);
  if (purged > 0) went.push(`<span class="chip none">purged ${count(purged)}</span>`);
  const crosses = places.length > 1 ? '<b class="shared">lies in several splits</b>' : '';
  const how = kinds.map((kind) => `${kind.kind} ${similarityOf(kind)}`).join(', ');
  const since = firstSeen === null ? '' : `, first seen ${firstSeen.slice(0, 10)}`;
  const cards = members.map((member) =>
    recordCard(member, { classes: labels.names, thumbnails, note: memberNote(member) }),
  );
  const rest = size - members.length;
  return `<div class="family${places.length > 1 ? ' crosses' : ''}"><p class="family-head"><b>${count(size)} records</b> ${went.join(' ')} ${crosses} <span class="quiet">${how}${since}</span></p><div class="records">${cards.join('')}</div>${rest > 0 ? `<p class="quiet">${count(rest)} more.</p>` : ''}</div>`;
}

function memberNote({ isFirst, closest }: FamilyMember): string {
  const first = isFirst ? '<span class="chip first">first</span>' : '';
  if (closest === null) return first;
  return `${first}<span class="quiet">${closest.kind} ${closest.similarity.toFixed(2)}</span>`;
}
