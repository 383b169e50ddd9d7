// What the benches load is built first: a stale build would measure older code.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const ARGS = ['nx', 'run-many', '-t', 'build', '-p', 'graph,tensorflow', '--output-style', 'static'];

const { status, stdout, stderr } = spawnSync('npx', ARGS, { cwd: ROOT, encoding: 'utf8' });
if (status !== 0) throw new Error(`the libraries were not built\n${stdout}${stderr}`);
