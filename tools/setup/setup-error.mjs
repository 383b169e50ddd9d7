/** A problem that the reader can mend: what happened, what was expected, how to fix it. */
export class SetupError extends Error {
  constructor(code, what, fix) {
    super(`error [${code}]: ${what}\n  fix: ${fix}`);
    this.code = code;
  }
}

/** One line for people. */
export const say = (line) => process.stderr.write(`setup: ${line}\n`);

/** Runs `work` and says how long it took. */
export async function timed(title, work) {
  const start = Date.now();
  const result = await work();
  say(`${title} (${((Date.now() - start) / 1000).toFixed(0)} s)`);
  return result;
}
