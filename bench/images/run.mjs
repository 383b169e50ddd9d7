// Usage: node bench/images/run.mjs [--rounds 5] [--threads 2] [--passes 3] [--posts DIR]
// Decoding, resizing and hashing images, beside sharp alone and Pillow with imagehash: each side in a process of its own,
// turn by turn; writes bench/results/images-cpu.json.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { median } from '../compiled/summary.mjs';
import { describeMachine } from '../machine.mjs';
import { buildLibrary } from '../build.mjs';
import { writeResult } from '../write-result.mjs';

const HERE = import.meta.dirname;
const ROOT = join(HERE, '../..');
const SIDES = [
  'own',
  'own, no hash',
  'own, and digest',
  'own, shrink on load',
  'sharp',
  'sharp, whole decode',
  'pillow',
];
const PHOTOS = { count: 24, height: 1200, width: 1800, quality: 85 };
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
    passes: { type: 'string', default: '3' },
    posts: { type: 'string', default: join(ROOT, 'data/mediaeval2016/images') },
  },
});
const { python } = JSON.parse(readFileSync(join(ROOT, '.assay/setup.json'), 'utf8'));
buildLibrary('libs/preprocess');

const folder = mkdtempSync(join(tmpdir(), 'bench-images-'));
try {
  const sets = { ...postFiles(), photos: await photoFiles() };
  const result = Object.fromEntries(
    Object.entries(sets).map(([name, files]) => [name, measure(name, files)]),
  );
  const bomb = JSON.parse(spawnSync(process.execPath, [join(HERE, 'bomb.cjs')], { encoding: 'utf8' }).stdout);
  console.log('a JPEG of 16,000 × 16,000 pixels:', bomb);
  const all = {
    what:
      'images a second; ofSharp compares with sharp, which decodes a JPEG at a part of its sides where that is enough, ' +
      'ofWholeDecode with sharp decoding all pixels: throughput by throughput, and CPU time the other way round; above 1 is faster',
    threads: Number(options.threads),
    rounds: Number(options.rounds),
    cases: result,
    bomb,
    machine: describeMachine('cpu'),
  };
  const path = join(ROOT, 'bench/results/images-cpu.json');
  writeResult(path, all);
} finally {
  rmSync(folder, { recursive: true });
}

/** Posts of MediaEval 2016: small JPEGs. */
function postFiles() {
  if (!existsSync(options.posts)) {
    console.error(`the posts are left out: there is no ${options.posts}`);
    return {};
  }
  return { posts: readdirSync(options.posts).map((file) => join(options.posts, file)) };
}

/** Photos as a camera gives them, cut from one laid out beside its mirror images. */
async function photoFiles() {
  const source = samplePhoto();
  const { width, height } = await sharp(source).metadata();
  const upright = await sharp(source).png().toBuffer();
  const mirrored = await sharp(source).flop().png().toBuffer();
  const tiles = Array.from({ length: 16 }, (_, i) => ({
    input: i % 2 === 0 ? upright : mirrored,
    left: (i % 4) * width,
    top: Math.floor(i / 4) * height,
  }));
  const wall = await sharp({
    create: { width: 4 * width, height: 4 * height, channels: 3, background: '#000000' },
  })
    .composite(tiles)
    .png({ compressionLevel: 1 })
    .toBuffer();
  const files = [];
  for (let i = 0; i < PHOTOS.count; i++) {
    const path = join(folder, `${i}.jpg`);
    const part = { left: 31 * i, top: 19 * i, width: PHOTOS.width, height: PHOTOS.height };
    await sharp(wall).extract(part).jpeg({ quality: PHOTOS.quality }).toFile(path);
    files.push(path);
  }
  return files;
}

/** A photo that comes with scikit-learn. */
function samplePhoto() {
  const { stdout } = spawnSync(python.references, [
    '-c',
    'import sklearn, pathlib; print(pathlib.Path(sklearn.__file__).parent / "datasets/images/china.jpg")',
  ]);
  return stdout.toString().trim();
}

function measure(name, files) {
  const list = join(folder, `${name}.json`);
  writeFileSync(list, JSON.stringify(files));
  const runs = [];
  for (let round = 0; round < Number(options.rounds); round++)
    for (let i = 0; i < SIDES.length; i++) runs.push(runSide(SIDES[(i + round) % SIDES.length], list, name));
  const rows = SIDES.map((side) => summarise(runs.filter((run) => run.side === side)));
  const of = (side) => rows[SIDES.indexOf(side)];
  const compared = (row, peer) => ({
    throughput: rounded(row.median / peer.median),
    ...(row.cpuMsPerImage === undefined ? {} : { cpu: rounded(peer.cpuMsPerImage / row.cpuMsPerImage) }),
  });
  const table = Object.fromEntries(
    SIDES.map((side, i) => [
      side,
      {
        ...rows[i],
        ofSharp: compared(rows[i], of('sharp')),
        ofWholeDecode: compared(rows[i], of('sharp, whole decode')),
      },
    ]),
  );
  console.log(`\n${name}: ${files.length} images, ${options.threads} threads\n`);
  console.table(
    Object.fromEntries(
      Object.entries(table).map(([side, { ofSharp, ofWholeDecode, ...row }]) => [
        side,
        {
          ...row,
          ofSharp: ofSharp.throughput,
          ofWholeDecode: ofWholeDecode.throughput,
          cpuOfSharp: ofSharp.cpu,
          cpuOfWholeDecode: ofWholeDecode.cpu,
        },
      ]),
    ),
  );
  return table;
}

function runSide(side, list, name) {
  const { threads, passes } = options;
  const [program, args] =
    side === 'pillow'
      ? [python.references, [join(HERE, 'pillow_peer.py'), list, threads, passes]]
      : [
          process.execPath,
          [join(HERE, 'side.cjs'), '--side', side, '--files', list, '--threads', threads, '--passes', passes],
        ];
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${name}, ${side}: ${stderr}`);
  const run = JSON.parse(stdout);
  console.error(`${name}, ${side}: ${Math.round(Math.max(...run.imagesPerSecond))} images a second`);
  return { side, ...run };
}

function summarise(runs) {
  const rates = runs.flatMap((run) => run.imagesPerSecond);
  const cpu = runs.flatMap((run) => run.cpuMsPerImage ?? []);
  return {
    median: rounded(median(rates)),
    best: rounded(Math.max(...rates)),
    ...(cpu.length > 0 ? { cpuMsPerImage: rounded(median(cpu)) } : {}),
    peakMemoryMB: Math.round(Math.max(...runs.map((run) => run.peakMemoryMB))),
  };
}

function rounded(x) {
  return Math.round(x * 1000) / 1000;
}
