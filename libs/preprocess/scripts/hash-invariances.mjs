// Usage: node libs/preprocess/scripts/hash-invariances.mjs [--data data/mediaeval2016]
// How far the perceptual hashes of altered copies lie from those of the original, and those of pictures of different
// events from each other; and below which texture a hash says nothing. Build first: npx tsc --build libs/preprocess
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from 'csv-parse/sync';
import sharp from 'sharp';
import { decodePixels } from '../dist/images/decode-pixels.js';
import { hammingDistance } from '../dist/images/hamming-distance.js';
import { hashImage } from '../dist/images/perceptual-hash.js';

const { values: options } = parseArgs({
  options: {
    data: { type: 'string', default: join(import.meta.dirname, '../../../data/mediaeval2016') },
  },
});
const HASHES = [
  { bits: 64, hash: 'hash64', mirrored: 'mirrored64', thresholds: [4, 6, 8, 10, 12, 14] },
  { bits: 256, hash: 'hash256', mirrored: 'mirrored256', thresholds: [24, 32, 40, 48, 64, 80, 90] },
];
const half = ({ width, height }) => ({
  width: Math.max(1, Math.round(width / 2)),
  height: Math.max(1, Math.round(height / 2)),
  fit: 'fill',
});
const inner = ({ width, height }, share) => ({
  left: Math.round(width * share),
  top: Math.round(height * share),
  width: Math.round(width * (1 - 2 * share)),
  height: Math.round(height * (1 - 2 * share)),
});
/** Altered copies; `mirror` compares with the hash of the mirrored original. */
const COPIES = {
  'JPEG 60': (image) => image.jpeg({ quality: 60 }),
  'half size': (image, sides) => image.resize(half(sides)).png(),
  mirror: (image) => image.flop().jpeg({ quality: 90 }),
  'mirror, half size, JPEG 60': (image, sides) => image.flop().resize(half(sides)).jpeg({ quality: 60 }),
  'brightness 1.2, JPEG 60': (image) => image.linear(1.2, 0).jpeg({ quality: 60 }),
  '2 % cut off each side': (image, sides) => image.extract(inner(sides, 0.02)).jpeg({ quality: 90 }),
  '5 % cut off each side': (image, sides) => image.extract(inner(sides, 0.05)).jpeg({ quality: 90 }),
};

const raw = ({ pixels, height, width }) => sharp(pixels, { raw: { height, width, channels: 3 } });
const hashOf = async (bytes) => hashImage(await decodePixels(bytes));
const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
const ascending = (values) => values.slice().sort((a, b) => a - b);
const share = (values, holds) => values.filter(holds).length / values.length;
const percent = (fraction) => `${(100 * fraction).toFixed(fraction < 0.01 && fraction > 0 ? 4 : 1)} %`;

const events = eventsOfImages();
const images = [];
for (const file of readdirSync(join(options.data, 'images')).sort()) {
  const image = await decodePixels(readFileSync(join(options.data, 'images', file)));
  images.push({ file, image, hashes: hashImage(image), events: events.get(file) ?? new Set() });
}
const copies = {};
for (const [name, alter] of Object.entries(COPIES)) {
  copies[name] = [];
  for (const { image } of images) copies[name].push(await hashOf(await alter(raw(image), image).toBuffer()));
}
for (const kind of HASHES) printKind(kind);
await printTexture();

function eventsOfImages() {
  const found = new Map();
  for (const { images: files, event } of parse(readFileSync(join(options.data, 'posts.csv')), {
    columns: true,
    bom: true,
  }))
    for (const file of files.split('|').map((path) => path.split('/').at(-1)))
      found.set(file, (found.get(file) ?? new Set()).add(event));
  return found;
}

function printKind({ bits, hash, mirrored, thresholds }) {
  const ofCopies = Object.fromEntries(
    Object.entries(copies).map(([name, hashes]) => [
      name,
      hashes.map((copy, i) =>
        hammingDistance(copy[hash], images[i].hashes[name.startsWith('mirror') ? mirrored : hash]),
      ),
    ]),
  );
  const different = [];
  for (const [i, a] of images.entries())
    for (const b of images.slice(0, i)) {
      if ([...a.events].some((event) => b.events.has(event))) continue;
      const straight = hammingDistance(a.hashes[hash], b.hashes[hash]);
      different.push(Math.min(straight, hammingDistance(a.hashes[mirrored], b.hashes[hash])));
    }
  console.log(`\n${bits} bits: distances of ${images.length} copies to their original`);
  console.table(
    Object.fromEntries(
      Object.entries(ofCopies).map(([name, distances]) => {
        const sorted = ascending(distances);
        return [
          name,
          {
            median: quantile(sorted, 0.5),
            '95 %': quantile(sorted, 0.95),
            '99 %': quantile(sorted, 0.99),
            largest: sorted.at(-1),
          },
        ];
      }),
    ),
  );
  const sorted = ascending(different);
  console.log(
    `${bits} bits: ${different.length} pairs of different events, the nearer of straight and mirrored: smallest ${sorted[0]}, ` +
      `0.01 % ${quantile(sorted, 1e-4)}, 0.1 % ${quantile(sorted, 1e-3)}, 1 % ${quantile(sorted, 0.01)}, median ${quantile(sorted, 0.5)}`,
  );
  console.table(
    Object.fromEntries(
      thresholds.map((threshold) => [
        `≤ ${threshold}`,
        {
          ...Object.fromEntries(
            Object.entries(ofCopies).map(([name, distances]) => [
              name,
              percent(share(distances, (d) => d <= threshold)),
            ]),
          ),
          'false matches': percent(share(different, (d) => d <= threshold)),
          'of pairs': different.filter((d) => d <= threshold).length,
        },
      ]),
    ),
  );
}

/** The same images with less and less contrast, saved as JPEG 60 and read again. */
async function printTexture() {
  const rows = [];
  for (const contrast of [1, 0.3, 0.15, 0.1, 0.07, 0.05, 0.03, 0.02, 0.01])
    for (const { image } of images) {
      const faint = await decodePixels(
        await raw(image)
          .linear(contrast, 128 * (1 - contrast))
          .png()
          .toBuffer(),
      );
      const original = hashImage(faint);
      const copy = await hashOf(await raw(faint).jpeg({ quality: 60 }).toBuffer());
      rows.push({
        texture: original.texture,
        coarse: hammingDistance(original.hash64, copy.hash64),
        fine: hammingDistance(original.hash256, copy.hash256),
      });
    }
  console.log('\nJPEG 60 of images with less contrast, by the texture of the original');
  const edges = [0, 0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 16, 32, Infinity];
  console.table(
    Object.fromEntries(
      edges.slice(1).flatMap((edge, i) => {
        const own = rows.filter(({ texture }) => texture >= edges[i] && texture < edge);
        if (own.length === 0) return [];
        const coarse = ascending(own.map((row) => row.coarse));
        const fine = ascending(own.map((row) => row.fine));
        return [
          [
            `${edges[i]} to ${edge}`,
            {
              images: own.length,
              '64 bits, median': quantile(coarse, 0.5),
              '64 bits, 95 %': quantile(coarse, 0.95),
              '256 bits, median': quantile(fine, 0.5),
              '256 bits, 95 %': quantile(fine, 0.95),
            },
          ],
        ];
      }),
    ),
  );
}
