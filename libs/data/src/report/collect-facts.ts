import { join } from 'node:path';
import { Random, readJson, sha256OfJson, throwIfInterrupted } from '@assay/core';
import type { PreprocessorState } from '@assay/preprocess';
import type { LeakReport } from '../leak-report.js';
import { streamRecords } from '../prepared-record.js';
import { SPLITS, type Split } from '../split-key.js';
import { readComponentSizes, type ComponentFacts } from './component-sizes.js';
import type { DataReportOptions } from './data-report-options.js';
import { readEncodedFacts, type TokenFacts } from './encoded-facts.js';
import { ExampleSample, type ExampleGroup } from './examples.js';
import { Families, type DuplicateFacts } from './families.js';
import { ImageSample, type ImageFacts } from './image-facts.js';
import { LanguageSample, type LanguageFacts } from './languages.js';
import { MissingValues, type MissingColumn } from './missing-values.js';
import { readRejectionReasons, type RejectionReason } from './rejection-reasons.js';
import { SliceCounts, type SliceColumn } from './slice-counts.js';
import { LengthCounts, lengthOf, type LengthSummary } from './text-lengths.js';

export interface PreparedLabelNames {
  kind: 'multi-label' | 'multi-class';
  names: string[];
  ordered: boolean;
}

/** Everything that the report shows, of which nothing grows with the number of records. */
export interface DataFacts {
  rows: { read: number; kept: number; purged: number; rejected: number };
  splits: Record<Split, number>;
  labels: PreparedLabelNames;
  leaks: LeakReport;
  preprocessorDigest: string;
  missing: MissingColumn[];
  /** By text field. */
  lengths: Map<string, LengthSummary | null>;
  tokens: TokenFacts | null;
  languages: LanguageFacts;
  images: ImageFacts;
  examples: ExampleGroup[];
  duplicates: DuplicateFacts;
  components: ComponentFacts;
  rejections: RejectionReason[];
  slices: SliceColumn[];
}

/**
 * Reads a prepared directory once, keeping counts and samples only.
 *
 * @throws INTERRUPTED when the signal is aborted
 */
export async function collectFacts(dir: string, options: DataReportOptions): Promise<DataFacts> {
  const { seed, signal, numRows } = options;
  const random = new Random(seed, 'data/report');
  const labels = (await readJson(join(dir, 'labels.json'))) as PreparedLabelNames; // written by prepare
  const state = (await readJson(join(dir, 'preprocessor.json'))) as PreprocessorState; // written by prepare
  const missing = new MissingValues(labels.names);
  const lengths = new Map<string, LengthCounts>();
  const languages = new LanguageSample(random.fork('languages'));
  const images = new ImageSample(random.fork('images'));
  const examples = new ExampleSample(labels.names, random.fork('examples'));
  const families = await Families.read(dir, random.fork('families'));
  const slices = new SliceCounts();
  const splits: Record<Split, number> = { train: 0, validation: 0, calibration: 0, test: 0 };
  for (const split of SPLITS) {
    for await (const record of streamRecords(dir, split)) {
      throwIfInterrupted(signal);
      splits[split]++;
      for (const [field, text] of Object.entries(record.text)) addLength(lengths, field, text);
      for (const collector of [missing, languages, images, examples, families, slices])
        collector.add(record, split);
    }
  }
  const tokens = readEncodedFacts(dir, state, { missing, signal });
  const rejections = await readRejectionReasons(dir);
  const rejected = rejections.reduce((sum, { count }) => sum + count, 0);
  const kept = SPLITS.reduce((sum, split) => sum + splits[split], 0);
  return {
    rows: { read: numRows, kept, purged: numRows - kept - rejected, rejected },
    ...{ splits, labels, tokens, rejections },
    leaks: (await readJson(join(dir, 'leak.json'))) as LeakReport, // written by prepare
    preprocessorDigest: sha256OfJson(state),
    missing: missing.columns(),
    lengths: new Map([...lengths].map(([field, counts]) => [field, counts.summary()])),
    languages: await languages.detect(),
    images: await images.measure(options),
    examples: examples.groups(),
    duplicates: await families.facts(),
    components: await readComponentSizes(dir),
    slices: slices.columns(),
  };
}

function addLength(lengths: Map<string, LengthCounts>, field: string, text: string): void {
  let counts = lengths.get(field);
  if (counts === undefined) {
    counts = new LengthCounts();
    lengths.set(field, counts);
  }
  const length = lengthOf(text);
  if (length > 0) counts.add(length);
}
