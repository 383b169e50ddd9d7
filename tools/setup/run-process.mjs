import { spawn } from 'node:child_process';
import { OWN_IDENTITY } from './process-identity.mjs';

/**
 * Runs a program and waits for it. Its output is kept, so that it is shown only when something went wrong.
 * npm's own variables are not passed on: a nested npm would take them for its own.
 *
 * @returns { status, output } where status is null when the program does not exist
 */
export function runProcess(command, args, { cwd, env = {}, onLine } = {}) {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(package|lifecycle|config)_/.test(name)),
  );
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...inherited, ...env, ASSAY_SETUP_BY: OWN_IDENTITY },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const keep = (chunk) => {
      output = (output + chunk).slice(-20_000);
      for (const line of String(chunk).split('\n')) if (line.trim() !== '') onLine?.(line);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) =>
      resolve({ status: error.code === 'ENOENT' ? null : 1, output: String(error) }),
    );
    child.on('close', (status, signal) => resolve({ status: signal === null ? status : 1, output }));
  });
}

/** The last lines of a program's output, indented. */
export const tail = (output, lines = 8) =>
  output
    .trim()
    .split('\n')
    .slice(-lines)
    .map((line) => `    ${line}`)
    .join('\n');
