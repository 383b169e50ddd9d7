import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { collectFacts } from './collect-facts.js';
import { dataReportHtml } from './data-report-html.js';
import type { DataReportOptions } from './data-report-options.js';
import { shownImages } from './record-card.js';
import { makeThumbnails } from './thumbnails.js';

/** Name of the report in a prepared directory. */
export const DATA_REPORT_FILE = 'report.html';

/**
 * Writes `report.html`: what a prepared directory holds, as one page for people that needs nothing else. Equal data give
 * equal bytes. Records are streamed; what is held are counts, samples, and the ids that occur in `duplicates.jsonl`.
 *
 * @param dir the stage directory with everything but the manifest: `records/`, `shards/`, `preprocessor.json`, `labels.json`,
 *   `leak.json`, `duplicates.jsonl`, `components.jsonl`, `rejected.jsonl`
 * @throws INTERRUPTED when the signal is aborted
 */
export async function writeDataReport(dir: string, options: DataReportOptions): Promise<void> {
  const facts = await collectFacts(dir, options);
  const shown = [
    ...facts.examples.flatMap(({ examples }) => examples),
    ...facts.duplicates.largest.flatMap(({ members }) => members),
  ];
  const thumbnails = await makeThumbnails(
    shown.flatMap(({ record }) => shownImages(record)),
    options,
  );
  await writeFile(join(dir, DATA_REPORT_FILE), await dataReportHtml(facts, options, thumbnails));
}
