import type { CommandModule } from 'yargs';
import { actor } from '../actor.js';
import { note, printJson } from '../output.js';
import { runCommand } from '../run-command.js';
import { connectToMlflow } from '../tracking.js';

interface RollbackArguments {
  model: string;
  reason: string;
}

export const rollbackCommand: CommandModule<object, RollbackArguments> = {
  command: 'rollback <model>',
  describe: 'Make the champion before the present one champion again',
  builder: (argv) =>
    argv
      .positional('model', {
        type: 'string',
        demandOption: true,
        describe: 'Registered model, e.g. listings',
      })
      .option('reason', {
        type: 'string',
        default: 'rolled back from the command line',
        describe: 'Kept in the history of the alias',
      })
      .epilogue(
        'It is the version with the alias previous. A service that runs goes on with the version that it loaded; start it anew.',
      ),
  handler: ({ model, reason }) =>
    runCommand(async () => {
      const { rollback } = await import('@assay/registry');
      const { client } = await connectToMlflow();
      const restored = await rollback({ client, model, actor: actor(), reason });
      note(`rollback: ${model} version ${restored.version} is champion again`);
      printJson(restored);
    }),
};
