import type { NumericColumn } from './numeric-scaler.js';
import type { FittedState } from './preprocessor-state.js';
import { PROBE_PHOTOS } from './probe-photos.js';
import type { ContentRecord } from './record.js';
import { untransformed } from './standard-scaling.js';

/**
 * Texts that another normaliser, hash or Unicode library reads differently. Every character has been in Unicode since
 * long before the oldest Node that runs this, and its normal form never changes.
 */
const TEXTS: readonly (readonly [name: string, text: string])[] = [
  ['upper case', 'BRASS Lamp ÄÖÜ ΣΊΣΥΦΟΣ İSTANBUL ẞ'],
  ['composed accents', 'Caf\u00e9 \u00e5ngstr\u00f6m na\u00efve'],
  ['decomposed accents', 'Cafe\u0301 a\u030angstro\u0308m nai\u0308ve q\u0323\u0307'],
  ['full-width letters', 'ＷＥＡＰＯＮ ｆｏｒ ｓａｌｅ １２３'],
  ['compatibility characters', 'ﬁne ½ ① ㎏ ™ ℌ ª x²'],
  ['emoji', '👩‍🚒 🧿 🇫🇷 👍🏽 ❤️'],
  ['invisible characters', 'we\u200bap\u00adon \u202eesrever\u202c \ufeffg\u2060un e\u200d\u0301'],
  ['look-alike letters', '\u0440aypal \u03a1AYPAL \u0430\u0440\u0440\u04cf\u0435 paypal apple'],
  ['Cyrillic and Greek', 'Чай зелёный ЙОД, πράσινο τσάι'],
  ['Chinese and Japanese', '武器 日本語 カタカナ ｶﾞｷﾞ は\u3099'],
  ['Korean', '한국어 \u1112\u1161\u11ab\u1100\u1173\u11af'],
  ['Arabic and Hebrew', 'مرحبا ﷲ שָׁלוֹם'],
  ['Hindi and Thai', 'नमस्ते क़ ไทย น้ำ'],
  ['punctuation', "don't can’t 12,50€ a_b C++ #1 --- me@example.org"],
  ['spaces', ' \t tab\u00a0hard\u3000wide\r\nline\u2028end '],
  ['more than fits', Array.from({ length: 400 }, (_, i) => `word${i}`).join(' ')],
  ['nothing', ''],
];

/** Where a number lies between the least (0) and the greatest (1) of its column; null is missing. */
const PLACES: readonly (number | null)[] = [null, -0.5, 0, 0.2, 0.5, 0.9, 1, 1.5];

/** Name of the probe record at a position, for messages. */
export const probeName = (position: number): string => TEXTS[position]?.[0] ?? String(position);

/** Made-up records that hold what a preprocessor with these columns can be given: each case of each kind once or more. */
export function probeRecords({ text, numeric, categorical }: FittedState): ContentRecord[] {
  return TEXTS.map(([name, content], i) => ({
    id: `probe '${name}'`,
    text: Object.fromEntries((text?.fields ?? []).map((field) => [field, content])),
    images: PROBE_PHOTOS.slice(i, i + 1).map(({ base64 }) => Buffer.from(base64, 'base64')),
    numeric: Object.fromEntries(
      numeric.columns.map((column) => [column.name, numberAt(PLACES[i % PLACES.length] ?? null, column)]),
    ),
    categorical: Object.fromEntries(
      categorical.columns.map(({ name, values }) => [name, categoryCases(values)[i % 6] ?? null]),
    ),
  }));
}

function numberAt(place: number | null, column: NumericColumn): number | null {
  if (place === null) return null;
  const [min, max] = rangeOf(column);
  const value = (1 - place) * min + place * max; // no difference, which could overflow
  return column.scaling === 'quantile' ? value : untransformed(value, column.scaling);
}

function rangeOf(column: NumericColumn): [min: number, max: number] {
  if (column.scaling !== 'quantile') return [column.min, column.max];
  return [column.quantiles[0] ?? 0, column.quantiles.at(-1) ?? 0];
}

/** Six cases: missing, blank, unknown, and known ones, also with spaces around. */
function categoryCases(values: readonly string[]): (string | null | undefined)[] {
  const last = values.at(-1);
  return [
    null,
    ' ',
    'a value that no training split has',
    values[0],
    last === undefined ? null : ` ${last}\t`,
    values[values.length >> 1],
  ];
}
