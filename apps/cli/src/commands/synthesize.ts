import { resolve } from 'node:path';
import { createProgress } from '@assay/core';
import type { CommandModule } from 'yargs';
import { note, printJson } from '../output.js';
import { runCommand } from '../run-command.js';
import { wholeNumberOption } from '../whole-number.js';
import { shortPath } from '../workspace.js';

interface SynthesizeArguments {
  kind: 'listings' | 'roles' | 'conversations';
  rows: number;
  seed: number;
  out: string;
}

export const synthesizeCommand: CommandModule<object, SynthesizeArguments> = {
  command: 'synthesize <kind>',
  describe: 'Make synthetic marketplace data, with the truth beside it',
  builder: {
    kind: {
      choices: ['listings', 'roles', 'conversations'] as const,
      demandOption: true,
      describe: 'What to make',
    },
    rows: wholeNumberOption({ name: 'rows', min: 1, default: 2000, describe: 'How many' }),
    seed: wholeNumberOption({
      name: 'seed',
      min: 0,
      default: 1,
      describe: 'The same seed gives the same bytes',
    }),
    out: {
      type: 'string',
      demandOption: true,
      describe: 'Directory to write; synthetic data that lie there are replaced',
    },
  },
  handler: ({ kind, rows, seed, out }) =>
    runCommand(async (signal) => {
      const { synthesizeConversations, synthesizeListings, synthesizeRoles } =
        await import('@assay/synthetic');
      const make = {
        listings: synthesizeListings,
        roles: synthesizeRoles,
        conversations: synthesizeConversations,
      }[kind];
      using progress = createProgress({ label: `synthesize ${kind}`, total: rows, unit: 'rows' });
      const outDir = resolve(out);
      const summary = await make({ rows, seed, outDir, signal, onProgress: (done) => progress.update(done) });
      progress.finish();
      note(`wrote ${shortPath(outDir)}`);
      printJson(summary);
    }),
};
