// `npm test`: format, lint, types and build of every project, then every test. Ends with `N passed, N failed`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const env = { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false', NX_NO_CLOUD: 'true' };
const node = (args) => spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env }).status ?? 1;
const bin = (name) => resolve(root, 'node_modules', name);

let passed = 0;
let failed = 0;

function check(name, args) {
  process.stderr.write(`\n── ${name}\n`);
  if (node(args) === 0) passed++;
  else failed++;
}

check('format', [bin('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.']);
check('lint, typecheck, build', [
  bin('nx/dist/bin/nx.js'),
  'run-many',
  '-t',
  'lint',
  'typecheck',
  'build',
  '--outputStyle=static',
]);

const dir = mkdtempSync(join(tmpdir(), 'assay-test-'));
process.stderr.write('\n── set-up and start scripts\n');
const setup = spawnSync(process.execPath, ['--test', '--test-reporter=tap', ...setupTests()], {
  cwd: root,
  encoding: 'utf8',
  env: { ...env, NODE_OPTIONS: '' },
});
const count = (word) => Number(new RegExp(`^# ${word} (\\d+)$`, 'm').exec(setup.stdout)?.[1] ?? 0);
passed += count('pass');
failed += Math.max(count('fail'), setup.status === 0 ? 0 : 1);
process.stderr.write(setup.status === 0 ? `${count('pass')} passed\n` : `${setup.stdout}${setup.stderr}`);

process.stderr.write('\n── tests\n');
const results = join(dir, 'jest.json');
const status = node([
  bin('jest/bin/jest.js'),
  '--config',
  'jest.config.cjs',
  '--json',
  `--outputFile=${results}`,
  '--silent=false',
  ...process.argv.slice(2),
]);
try {
  const summary = JSON.parse(readFileSync(results, 'utf8'));
  passed += summary.numPassedTests;
  failed += summary.numFailedTests + summary.numRuntimeErrorTestSuites;
} catch {
  failed++; // jest died before it could write its results
}
rmSync(dir, { recursive: true });
if (status !== 0 && failed === 0) failed++;
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exit(failed === 0 ? 0 : 1);

function setupTests() {
  return ['tools/setup/setup.test.mjs', 'tools/setup/addon.test.mjs', 'tools/start.test.mjs'];
}
