import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseConfig, type LoadedConfig } from '@assay/config';
import sharp from 'sharp';
import type { PrepareStageOptions } from './prepare-options.js';

const HEADER = 'id,title,photos,price,colour,seller,at,bad,part';

export interface TinyRow {
  id?: string;
  title?: string;
  photos?: string;
  price?: string;
  colour?: string;
  seller?: string;
  at?: string;
  bad?: string;
  part?: string;
}

/** Twelve good rows: two a seller, one an hour, every third one bad. */
export const GOOD_ROWS: readonly TinyRow[] = Array.from({ length: 12 }, (_, i) => ({
  id: `r${i}`,
  title: `title ${i}`,
  photos: `grey-${i}.png`,
  price: String(i),
  colour: i % 2 === 0 ? 'red' : 'blue',
  seller: `s${Math.floor(i / 2)}`,
  at: `2024-01-01T${String(i).padStart(2, '0')}:00:00Z`,
  bad: i % 3 === 0 ? '1' : '0',
  part: 'all',
}));

/** The rows as CSV. */
export const csvOf = (rows: readonly TinyRow[]): string =>
  [
    HEADER,
    ...rows.map((row) =>
      HEADER.split(',')
        .map((column) => `"${(row[column as keyof TinyRow] ?? '').replaceAll('"', '""')}"`)
        .join(','),
    ),
  ].join('\n') + '\n';

const YAML = `
schemaVersion: 1
name: tiny
description: For tests.
seed: 3
data:
  root: source
  source: { path: rows.csv }
  columns:
    id: id
    text: { title: title }
    images: { column: photos, directory: photos }
    numeric: [price]
    categorical: [colour]
    group: seller
    time: at
    slices: [colour]
  labels: { kind: multi-label, policies: [{ name: bad, column: bad }] }
  split: { strategy: time, fractions: { train: 0.6, validation: 0.3, test: 0.1 } }
  shardRows: 4
preprocess:
  text: { fields: [title], buckets: 64, maxTokens: 8 }
  image: { height: 8, width: 9, maxImages: 2 }
model: { text: {} }
`;

/** Writes a source of these rows and a photo for each to `dir`, and gives the options of the stage that prepares it. */
export async function tinySource(
  dir: string,
  rows: readonly TinyRow[] | string = GOOD_ROWS,
  overrides: string[] = [],
): Promise<PrepareStageOptions> {
  const dataRoot = join(dir, 'source');
  mkdirSync(join(dataRoot, 'photos'), { recursive: true });
  writeFileSync(join(dataRoot, 'rows.csv'), typeof rows === 'string' ? rows : csvOf(rows));
  for (let i = 0; i < 12; i++) await writePhoto(join(dataRoot, 'photos', `grey-${i}.png`), 20 * i);
  const loaded: LoadedConfig = {
    config: parseConfig(YAML, { overrides }),
    path: join(dir, 'pipeline.yaml'),
    dataRoot,
  };
  return { loaded, dir: join(dir, 'prepared'), progress: 'silent' };
}

/** Writes a grey image of 10 × 6 pixels. */
export async function writePhoto(path: string, grey: number): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  const background = { r: grey, g: grey, b: grey };
  writeFileSync(
    path,
    await sharp({ create: { width: 10, height: 6, channels: 3, background } })
      .png()
      .toBuffer(),
  );
}
