// `npm start`: builds the command line when its sources changed, then runs the quickstart with the arguments given.
import { spawnSync } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const run = (command, args) => spawnSync(command, args, { cwd: root, stdio: 'inherit' }).status ?? 1;

// Ctrl-C goes to the command line too, which ends cleanly; this process waits for it and passes on its status.
process.on('SIGINT', () => undefined);

process.stderr.write('build: the command line (first time about 30 s)\n');
const tsc = resolve(root, 'node_modules/typescript/bin/tsc');
const status = run(process.execPath, [tsc, '--build', 'apps/cli/tsconfig.lib.json']);
process.exit(
  status !== 0
    ? status
    : run(process.execPath, ['apps/cli/dist/main.js', 'quickstart', ...process.argv.slice(2)]),
);
