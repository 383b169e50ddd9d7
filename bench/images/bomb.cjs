// Usage: node bomb.cjs: makes a JPEG of 16,000 × 16,000 pixels, and prints how long and how much memory it takes to refuse it.
const sharp = require('sharp');
const { decodePixels } = require('../../libs/preprocess/dist/images/decode-pixels.js');

const SIDE = 16_000;

if (process.argv[2] === undefined) void make();
else void refuse(process.argv[2]);

/** The process that refuses is another one: this one has drawn the image. */
async function make() {
  const { mkdtempSync, rmSync, statSync } = require('node:fs');
  const { join } = require('node:path');
  const { spawnSync } = require('node:child_process');
  const folder = mkdtempSync(join(require('node:os').tmpdir(), 'bomb-'));
  try {
    const path = join(folder, 'bomb.jpg');
    const create = { width: SIDE, height: SIDE, channels: 3, background: '#336699' };
    await sharp({ create, limitInputPixels: false }).jpeg().toFile(path);
    const { stdout } = spawnSync(process.execPath, [__filename, path], { encoding: 'utf8' });
    console.log(JSON.stringify({ fileMB: statSync(path).size / 1e6, ...JSON.parse(stdout) }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function refuse(path) {
  const bytes = require('node:fs').readFileSync(path);
  const before = process.memoryUsage().rss;
  const started = performance.now();
  const code = await decodePixels(bytes).then(
    () => 'decoded',
    (error) => error.code,
  );
  const ms = performance.now() - started;
  const memoryMB = (process.resourceUsage().maxRSS * 1024 - before) / 1e6;
  console.log(JSON.stringify({ code, ms, memoryMB }));
}
