import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AssayError } from '@assay/core';
import type { DataConfig } from '@assay/config';
import type { SourceRecord } from '@assay/data';
import { table } from './output.js';

interface Truth {
  listing_id: string;
  violates: Record<string, boolean>;
  carrier: Record<string, string | null>;
  language: string;
  obfuscation: string | null;
}

interface Answer {
  decisions: { policy: string; band: string; score: number }[];
}

/** A new synthetic listing, what is true of it, and what the service decided. */
export interface QuickstartListing {
  /** What it violates, and where that shows. */
  truth: string;
  title: string;
  answer: Answer;
}

interface SendOptions {
  /** Says what the columns of a listing mean. */
  data: DataConfig;
  seed: number;
  signal: AbortSignal;
}

const POOL = 200;

/** The three listings to show, in plain English so that a reader can judge: the truth in words, and how it is recognised. */
const WANTED: { words: string; matches: (truth: Truth) => boolean }[] = [
  { words: 'violates nothing', matches: ({ violates }) => violated(violates).length === 0 },
  {
    words: 'violates weapons, by a photo alone',
    matches: ({ violates, carrier }) =>
      violated(violates).join() === 'weapons' && carrier['weapons'] === 'image',
  },
  {
    words: 'violates unsafe_claim, by its text',
    matches: ({ violates }) => violated(violates).join() === 'unsafe_claim',
  },
];

const isPlain = ({ language, obfuscation }: Truth): boolean => language === 'en' && obfuscation === null;

const violated = (violates: Record<string, boolean>): string[] =>
  Object.keys(violates).filter((policy) => violates[policy] === true);

/** Makes new listings that no training run has seen, picks three by their truth, and asks the service about them. */
export async function sendListings(
  url: string,
  { data, seed, signal }: SendOptions,
): Promise<QuickstartListing[]> {
  const dir = await mkdtemp(join(tmpdir(), 'assay-quickstart-'));
  try {
    const { synthesizeListings } = await import('@assay/synthetic');
    const outDir = join(dir, 'listings');
    await synthesizeListings({ rows: POOL, seed, outDir, signal });
    const records = await recordsById(data, outDir);
    const truths = readFileSync(join(outDir, 'truth.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Truth); // written by the generator
    const shown: QuickstartListing[] = [];
    for (const { words, matches } of WANTED) {
      const record = records.get(
        truths.find((truth) => isPlain(truth) && matches(truth) && records.has(truth.listing_id))
          ?.listing_id ?? '',
      );
      if (record !== undefined)
        shown.push({
          truth: words,
          title: record.text['title'] ?? '',
          answer: await ask(url, record, outDir),
        });
    }
    return shown;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function recordsById(data: DataConfig, dir: string): Promise<Map<string, SourceRecord>> {
  const { readRecords } = await import('@assay/data');
  const records = new Map<string, SourceRecord>();
  for await (const row of readRecords(data, dir))
    if (row.kind === 'record') records.set(row.record.id, row.record);
  return records;
}

/** Sends one listing as a seller's client would: fields as JSON, photos as base64. */
async function ask(
  url: string,
  { id, text, images: paths, numeric, categorical }: SourceRecord,
  dir: string,
): Promise<Answer> {
  const images = await Promise.all(
    paths.map(async (path) => (await readFile(join(dir, path))).toString('base64')),
  );
  const response = await fetch(`${url}/v1/decisions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ listing: { id, text, images, numeric, categorical } }),
  });
  const body = (await response.json()) as { results?: Answer[]; error?: string }; // our own service
  const answer = body.results?.[0];
  if (answer === undefined)
    throw new AssayError('INTERNAL', `The service answered ${response.status}: ${body.error ?? 'nothing'}`);
  return answer;
}

/**
 * The decisions as a table, one row per listing and one column per policy, and what they are worth.
 *
 * @param numRows listings that the model was made from
 */
export function describeDecisions(listings: readonly QuickstartListing[], numRows: number): string {
  const policies = listings[0]?.answer.decisions.map(({ policy }) => policy) ?? [];
  const rows = listings.map(({ title, truth, answer }) => [
    shorten(title),
    truth,
    ...answer.decisions.map(({ band, score }) => `${band} (${score.toFixed(2)})`),
  ]);
  const header = ['listing', 'the truth', ...policies.map((policy) => `decision: ${policy}`)];
  const worth = `${numRows.toLocaleString('en')} listings are a small sample: the report says what share of the violations is caught. Figures differ between processors.`;
  return `${table([header, ...rows])}\n${worth}`;
}

const shorten = (text: string): string => (text.length > 32 ? `${text.slice(0, 31)}…` : text);
