import { EXIT } from '@assay/core';
import type { CommandModule } from 'yargs';

/** What yargs says of wrong arguments, as sentences. A plural is an object. */
export const USAGE_SENTENCES = {
  'Not enough non-option arguments: got %s, need at least %s': plural(
    'Arguments are missing: got %s, expected at least %s.',
  ),
  'Missing required argument: %s': {
    one: 'The option --%s is missing.',
    other: 'Options are missing: %s.',
  },
  'Unknown argument: %s': { one: 'Unknown argument: %s.', other: 'Unknown arguments: %s.' },
  'Unknown command: %s': { one: 'Unknown command: %s.', other: 'Unknown commands: %s.' },
  'Invalid values:': 'A value is none of the choices.',
  'Argument: %s, Given: %s, Choices: %s': '%s: got %s, expected one of %s.',
  'Not enough arguments following: %s': 'The option --%s needs a value.',
  'Did you mean %s?': 'There is no such command. Did you mean %s?',
};

function plural(text: string): { one: string; other: string } {
  return { one: text, other: text };
}

interface UsageFailure {
  message: string | null;
  error: Error | undefined;
  args: readonly string[];
  commands: readonly CommandModule[];
}

/** What yargs calls for an unknown command or option: one line that says what was expected, and ends with 2. */
export function reportUsageError(failure: UsageFailure): never {
  const { message, error } = failure;
  if (error !== undefined && message === null) throw error;
  process.stderr.write(`error [USAGE]: ${usageLine(message ?? error?.message ?? '', failure)}\n`);
  process.exit(EXIT.usage);
}

function usageLine(message: string, { args, commands }: Pick<UsageFailure, 'args' | 'commands'>): string {
  const command = commands.map(({ command: usage }) => String(usage)).find((usage) => isCalled(usage, args));
  const what = message.replaceAll(/\s+/g, ' ').trim() || 'Wrong arguments.';
  const expected = command === undefined || !INCOMPLETE.test(what) ? '' : ` Expected: assay ${command}.`;
  return `${what}${expected} See: assay ${command === undefined ? '' : `${nameOf(command)} `}--help`;
}

/** Where the arguments that a command takes are the answer. */
const INCOMPLETE = /^(?:Arguments are missing|Name an action)/;

const nameOf = (usage: string): string => usage.split(' ')[0] ?? '';

const isCalled = (usage: string, args: readonly string[]): boolean =>
  args.find((arg) => !arg.startsWith('-')) === nameOf(usage);
