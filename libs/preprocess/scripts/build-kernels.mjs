// Usage: node libs/preprocess/scripts/build-kernels.mjs [--check]
// Assembles kernels.wat.mjs into src/images/kernels.wasm.ts; with --check, fails when that file is another.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import loadWabt from 'wabt';
import { KERNELS_WAT } from './kernels.wat.mjs';

const TARGET = join(import.meta.dirname, '../src/images/kernels.wasm.ts');
const LINE = 100;

const wabt = await loadWabt();
const parsed = wabt.parseWat('kernels.wat', KERNELS_WAT, { simd: true });
parsed.validate();
const base64 = Buffer.from(parsed.toBinary({}).buffer).toString('base64');
const lines = base64.match(new RegExp(`.{1,${LINE}}`, 'g')).map((line) => `  '${line}',`);
const source = `/** Assembled from scripts/kernels.wat.mjs by scripts/build-kernels.mjs, in base64. */
export const KERNELS_WASM = [
${lines.join('\n')}
].join('');
`;

if (!process.argv.includes('--check')) writeFileSync(TARGET, source);
else if (readFileSync(TARGET, 'utf8') !== source) {
  console.error(
    'kernels.wasm.ts is not what kernels.wat.mjs gives. Fix: node libs/preprocess/scripts/build-kernels.mjs',
  );
  process.exitCode = 1;
}
