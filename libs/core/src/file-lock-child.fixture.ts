import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from '@swc/core';

/** Compiles this package to `dir`, so that a process of its own can load it without a loader. */
export function compileCore(dir: string): void {
  const sources = readdirSync(__dirname).filter((name) => /^[a-z-]+\.ts$/.test(name) && name !== 'index.ts');
  for (const name of sources) {
    const { code } = transformSync(readFileSync(join(__dirname, name), 'utf8'), {
      jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
      module: { type: 'commonjs' },
      swcrc: false,
    });
    writeFileSync(join(dir, name.replace(/\.ts$/, '.js')), code);
  }
}

/**
 * Runs a script with `core`, what `compileCore` wrote to `dir`, and the rest of the command line as `process.argv.slice(1)`.
 *
 * @param prefix a program that starts the process, e.g. `['unshare', '-pf', '--mount-proc']`
 */
export function spawnWithCore(
  dir: string,
  script: string,
  args: readonly string[],
  prefix: readonly string[] = [],
): ChildProcess {
  const names = ['atomic-files', 'file-lock', 'process-identity', 'stage'];
  const core = names.map((name) => `...require(${JSON.stringify(join(dir, `${name}.js`))})`).join(', ');
  const [command, ...rest] = [
    ...prefix,
    process.execPath,
    '-e',
    `const core = { ${core} };\n${script}`,
    ...args,
  ];
  return spawn(command!, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
}
