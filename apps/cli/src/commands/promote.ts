import type { CommandModule } from 'yargs';
import { actor } from '../actor.js';
import { note, printJson } from '../output.js';
import { runCommand } from '../run-command.js';
import { connectToMlflow } from '../tracking.js';

interface PromoteArguments {
  model: string;
  modelVersion: string | undefined;
  reason: string;
}

export const promoteCommand: CommandModule<object, PromoteArguments> = {
  command: 'promote <model>',
  describe: 'Make a registered version the champion, if its gates passed',
  builder: (argv) =>
    argv
      .positional('model', {
        type: 'string',
        demandOption: true,
        describe: 'Registered model, e.g. listings',
      })
      .option('model-version', {
        type: 'string',
        describe: 'Version; default: the one with the alias candidate',
      })
      .option('reason', {
        type: 'string',
        default: 'promoted from the command line',
        describe: 'Kept in the history of the alias',
      }) as never, // yargs adds the camel-case names
  handler: ({ model, modelVersion, reason }) =>
    runCommand(async () => {
      const { promote } = await import('@assay/registry');
      const { client } = await connectToMlflow();
      const promoted = await promote({
        client,
        model,
        version: modelVersion ?? 'candidate',
        actor: actor(),
        reason,
      });
      note(`promote: ${model} version ${promoted.version} is champion`);
      printJson(promoted);
    }),
};
