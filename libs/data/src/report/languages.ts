import type { Random } from '@assay/core';
import type { PreparedRecord } from '../prepared-record.js';
import { SPLITS, type Split } from '../split-key.js';
import { Reservoir } from './reservoir.js';

/** Languages of a sample of the records. */
export interface LanguageFacts {
  /** Records that were looked at, by split. */
  sampled: Record<Split, number>;
  /** By the number of records, most first; `code` is ISO 639-1, or null where no language can be told. */
  languages: { code: string | null; counts: Record<Split, number> }[];
}

/** Records of each split whose language is looked for: standard error of a share at most 0.011. */
const SAMPLE_SIZE = 2_000;
/** A language shows by then. */
const MAX_CHARACTERS = 1_000;

const noCounts = (): Record<Split, number> => ({ train: 0, validation: 0, calibration: 0, test: 0 });

/** Collects texts, and finds out in which languages they are. */
export class LanguageSample {
  readonly #texts: Map<Split, Reservoir<string>>;

  constructor(random: Random) {
    this.#texts = new Map(SPLITS.map((split) => [split, new Reservoir(SAMPLE_SIZE, random.fork(split))]));
  }

  add({ text }: Pick<PreparedRecord, 'text'>, split: Split): void {
    const texts = Object.values(text).filter((field) => field.trim() !== '');
    if (texts.length > 0) this.#texts.get(split)?.add(() => texts.join('\n').slice(0, MAX_CHARACTERS));
  }

  /** Loads the table of n-grams on the first call. */
  async detect(): Promise<LanguageFacts> {
    const { eld } = await import('eld/small');
    const found = new Map<string | null, Record<Split, number>>();
    const sampled = noCounts();
    for (const [split, { items }] of this.#texts) {
      sampled[split] = items.length;
      for (const text of items) {
        const result = eld.detect(text);
        const code = result.language !== '' && result.isReliable() ? result.language : null;
        const counts = found.get(code) ?? noCounts();
        counts[split]++;
        found.set(code, counts);
      }
    }
    const total = (counts: Record<Split, number>): number =>
      SPLITS.reduce((sum, split) => sum + counts[split], 0);
    const languages = [...found]
      .map(([code, counts]) => ({ code, counts }))
      .sort((a, b) => total(b.counts) - total(a.counts) || ((a.code ?? '') < (b.code ?? '') ? -1 : 1));
    return { sampled, languages };
  }
}
