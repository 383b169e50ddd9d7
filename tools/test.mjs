// `npm test`: format, lint, types and build of every project, then every test. Ends with `N passed, N failed`.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
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
/** What failed outside of jest, said again at the end, where a cut log still has it. */
const failures = [];

// The lint rule on layers reads the project graph that Nx has cached, and passes everything when there is none.
const hasGraph = await check('project graph', [bin('nx/dist/bin/nx.js'), 'show', 'projects']);

// One compiler and one linter for the whole workspace: by project, as `npm run check` does it, both load every type again.
const checks = await Promise.all([
  check('types and build', [bin('typescript/bin/tsc'), '--build']),
  check('lint', [bin('eslint/bin/eslint.js'), '.', '--max-warnings', '0']),
  check('format', [bin('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.']),
]);
const done = [hasGraph, ...checks];
passed += done.filter((ok) => ok).length;
failed += done.filter((ok) => !ok).length;

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
if (setup.status !== 0) failures.push('set-up and start scripts');
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
if (failures.length > 0) process.stderr.write(`failed: ${failures.join(', ')}\n`);
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exit(failed === 0 ? 0 : 1);

function setupTests() {
  return [
    'tools/setup/setup.test.mjs',
    'tools/setup/addon.test.mjs',
    'tools/setup/torch-without-cuda.test.mjs',
    'tools/start.test.mjs',
  ];
}

/** Runs a tool beside others and prints its output whole once it has ended. */
async function check(name, args) {
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => output.push(chunk));
  const [status] = await once(child, 'close');
  if (status !== 0) failures.push(name);
  process.stderr.write(`\n── ${name}: ${status === 0 ? 'passed' : 'failed'}\n${Buffer.concat(output)}`);
  return status === 0;
}
