import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '@assay/config';
import { Random } from '@assay/core';
import { distinctName } from '@assay/testing';
import sharp from 'sharp';
import type { PrepareStageOptions } from './prepare-options.js';

const YAML = `
schemaVersion: 1
name: photos
description: For tests.
data:
  root: source
  source: { path: rows.csv }
  columns: { id: id, text: { title: title }, images: { column: photo }, group: seller }
  labels: { kind: multi-label, policies: [{ name: bad, column: bad }] }
  split: { strategy: group }
  shardRows: 16
preprocess:
  text: { fields: [title], buckets: 64, maxTokens: 8 }
  image: { height: 32, width: 32 }
model: { text: {} }
`;

/** The options of a stage that prepares the source in this folder. */
export const photoSource = (dir: string): PrepareStageOptions => ({
  loaded: {
    config: parseConfig(YAML, {}),
    path: join(dir, 'pipeline.yaml'),
    dataRoot: join(dir, 'source'),
  },
  dir: join(dir, 'prepared'),
  progress: 'silent',
});

/** Writes a source of 120 rows of 40 sellers, each row with a photo of its own. */
export async function writePhotoSource(dir: string): Promise<void> {
  const root = join(dir, 'source');
  mkdirSync(root);
  const random = new Random(1, 'photos');
  const rows = await Promise.all(
    Array.from({ length: 120 }, async (_, i) => {
      const noise = Buffer.from(Array.from({ length: 8 * 8 * 3 }, () => random.integer(256)));
      await sharp(noise, { raw: { width: 8, height: 8, channels: 3 } })
        .resize(100, 100)
        .jpeg()
        .toFile(join(root, `${i}.jpg`));
      return `${i},${distinctName(i)},${i}.jpg,s${i % 40},${i % 3 === 0 ? 1 : 0}`;
    }),
  );
  writeFileSync(join(root, 'rows.csv'), ['id,title,photo,seller,bad', ...rows, ''].join('\n'));
}
