import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const HOME = process.env.ASSAY_HOME ?? join(__dirname, '../../../.assay');

/** Whether specs compare with Python; `ASSAY_SKIP_REFERENCES=1` leaves that out. */
export const withReferences = process.env.ASSAY_SKIP_REFERENCES !== '1';

/** The pinned Python with the independent implementations of `requirements/references.txt`. */
export function referencePython(): string {
  const facts = join(HOME, 'setup.json');
  const setup = existsSync(facts)
    ? (JSON.parse(readFileSync(facts, 'utf8')) as { python?: { references?: string } })
    : {}; // written by the set-up
  const python = setup.python?.references;
  if (python === undefined || !existsSync(python))
    throw new Error(
      'The reference environment is missing. Fix: npm run setup -- --with references, or set ASSAY_SKIP_REFERENCES=1.',
    );
  return python;
}

/**
 * Runs a Python script in the reference environment.
 *
 * @param input what it reads from standard input
 * @returns what it prints, parsed as JSON
 */
export function runReference(script: string, { args = [], input = '' }: ReferenceOptions = {}): unknown {
  const output = execFileSync(referencePython(), [script, ...args], {
    input,
    stdio: ['pipe', 'pipe', 'ignore'],
    maxBuffer: 2 ** 27,
  });
  return JSON.parse(output.toString());
}

interface ReferenceOptions {
  args?: readonly string[];
  input?: string | Uint8Array;
}
