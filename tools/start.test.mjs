// What `npm start` makes of the command line's arguments, status and end, with scripts in place of compiler and command.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const CHECKOUT = join(dirname(fileURLToPath(import.meta.url)), '..');

let dir;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'assay-start-'));
  cpSync(join(CHECKOUT, 'tools', 'start.mjs'), script());
  write('node_modules/typescript/bin/tsc', '');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const script = () => join(dir, 'tools', 'start.mjs');

function write(path, text) {
  mkdirSync(dirname(join(dir, path)), { recursive: true });
  writeFileSync(join(dir, path), text);
}

const start = (...args) => spawnSync(process.execPath, [script(), ...args], { encoding: 'utf8' });

test('arguments and status are passed on', () => {
  write('apps/cli/dist/main.js', 'console.log(process.argv.slice(2).join(" ")); process.exitCode = 3;');
  const { status, stdout } = start('--rows', '200');
  assert.deepEqual([status, stdout], [3, 'quickstart --rows 200\n']);
});

test('a command that a signal killed, and a build that failed, are failures', () => {
  write('apps/cli/dist/main.js', 'process.kill(process.pid, "SIGKILL");');
  assert.equal(start().status, 1);
  write('node_modules/typescript/bin/tsc', 'process.exitCode = 2;');
  write('apps/cli/dist/main.js', 'console.log("it ran");');
  const { status, stdout } = start();
  assert.deepEqual([status, stdout], [2, '']);
});

test('Ctrl-C waits for the clean end of the command', async () => {
  const onSignal =
    'process.on("SIGINT", () => setTimeout(() => { console.log("saved"); process.exit(130); }, 50));';
  write('apps/cli/dist/main.js', `${onSignal} setInterval(() => {}, 1000); console.log("at work");`);
  const child = spawn(process.execPath, [script()], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  let stdout = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
    if (stdout === 'at work\n') process.kill(-child.pid, 'SIGINT'); // to the whole group, as a terminal does
  });
  const [status] = await once(child, 'close');
  assert.deepEqual([status, stdout], [130, 'at work\nsaved\n']);
});

test('the root tsconfig, which the tests build and check, names every package that has one', () => {
  const { references } = JSON.parse(readFileSync(join(CHECKOUT, 'tsconfig.json'), 'utf8'));
  const packages = ['apps', 'libs', 'tools'].flatMap((folder) =>
    readdirSync(join(CHECKOUT, folder)).map((name) => `./${folder}/${name}`),
  );
  const typed = packages.filter((path) => existsSync(join(CHECKOUT, path, 'tsconfig.json')));
  assert.deepEqual(references.map(({ path }) => path).sort(), typed.sort());
});
