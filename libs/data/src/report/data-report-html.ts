import {
  clippedText,
  count,
  escapeHtml,
  factsHtml,
  html,
  pageHtml,
  tilesHtml,
  type Html,
} from '@assay/report-page';
import { wasAllCompared, type LeakReport } from '../leak-report.js';
import type { DataFacts } from './collect-facts.js';
import type { DataReportOptions } from './data-report-options.js';
import { DATA_REPORT_STYLE } from './data-report-style.js';
import { duplicateSection } from './sections/duplicate-section.js';
import { exampleSection } from './sections/example-section.js';
import { imageSection } from './sections/image-section.js';
import { leakSection } from './sections/leak-section.js';
import { missingSection } from './sections/missing-section.js';
import { rejectionSection } from './sections/rejection-section.js';
import { sliceSection } from './sections/slice-section.js';
import { splitSection } from './sections/split-section.js';
import { textSection } from './sections/text-section.js';
import type { Thumbnail } from './thumbnails.js';

/** The data report as one page. Everything that came from a record is escaped and isolated. */
export async function dataReportHtml(
  facts: DataFacts,
  options: Omit<DataReportOptions, 'readImage'>,
  thumbnails: ReadonlyMap<string, Thumbnail>,
): Promise<string> {
  const { source, title = source, description = '' } = options;
  const sections = [
    leakSection(facts.leaks),
    await splitSection(facts),
    missingSection(facts),
    await textSection(facts),
    await imageSection(facts),
    exampleSection(facts, thumbnails),
    await duplicateSection(facts, thumbnails),
    rejectionSection(facts),
    sliceSection(facts),
  ].filter((markup) => markup !== '');
  return pageHtml({
    kicker: 'Data',
    heading: title,
    lead: description,
    badge: leakBadge(facts.leaks),
    facts: headerFacts(facts, options) + navigation(sections),
    main: [tiles(facts), thumbnails.size > 0 ? SHOW_ALL : '', ...sections].join('\n'),
    footer: FOOTER,
    style: DATA_REPORT_STYLE,
  });
}

function leakBadge(leaks: LeakReport): string {
  if (leaks.leaky) return '<span class="badge leaky">leaky run</span>';
  return wasAllCompared(leaks)
    ? '<span class="badge clean">no leak</span>'
    : '<span class="badge unsure">no leak found</span>';
}

const SHOW_ALL =
  '<p class="toolbar"><input type="checkbox" id="show-all"><label for="show-all">Show all images. They are what strangers uploaded, and may be disturbing; a click shows one.</label></p>';

const FOOTER =
  'Counts are of all records; languages and sizes of images are of samples. Samples and examples are drawn by the seed, so equal data give an equal report. Shares lie between 0 and 1. Characters that nobody sees are shown by their code points.';

function headerFacts(
  { preprocessorDigest }: DataFacts,
  options: Omit<DataReportOptions, 'readImage'>,
): string {
  const short = (digest: string): Html =>
    html(`<span title="${escapeHtml(digest)}">${escapeHtml(digest.slice(0, 12))}</span>`);
  const { source, strategy, digests, seed } = options;
  return factsHtml([
    ['source', html(clippedText(source, 200))],
    ['split by', strategy],
    ['seed', String(seed)],
    ...Object.entries(digests).map(([name, digest]): [string, Html] => [`digest of ${name}`, short(digest)]),
    ['digest of preprocessor', short(preprocessorDigest)],
  ]);
}

/** Links to the sections that there are. */
function navigation(sections: readonly string[]): string {
  const links = sections.flatMap((markup) => {
    const [, id, name] = /^<section id="(\w+)"><h2>([^<]*)<\/h2>/.exec(markup) ?? [];
    return id === undefined || name === undefined ? [] : [`<a href="#${id}">${name}</a>`];
  });
  return `<nav aria-label="Sections">${links.join('')}</nav>`;
}

function tiles({ rows, images, duplicates }: DataFacts): string {
  return tilesHtml([
    ['rows read', count(rows.read)],
    ['records kept', count(rows.kept)],
    ['purged', count(rows.purged)],
    ['rejected', count(rows.rejected)],
    ['images', count(images.total)],
    ['records with a duplicate', count(duplicates.numRecords)],
  ]);
}
