import type { CommandModule } from 'yargs';
import { configOptions, type ConfigArguments } from '../pipeline-options.js';
import { runQuickstart } from '../quickstart.js';
import { runCommand } from '../run-command.js';
import { wholeNumberOption } from '../whole-number.js';

interface QuickstartArguments extends ConfigArguments {
  rows: number;
  seed: number;
}

export const quickstartCommand: CommandModule<object, QuickstartArguments> = {
  command: 'quickstart [config]',
  describe:
    'The whole job on synthetic listings: make, prepare, train, evaluate, publish, promote, serve, decide',
  builder: (argv) =>
    configOptions(argv)
      .option(
        'rows',
        wholeNumberOption({ name: 'rows', min: 1, default: 2000, describe: 'Synthetic listings to make' }),
      )
      .option(
        'seed',
        wholeNumberOption({ name: 'seed', min: 0, default: 7, describe: 'Seed of the synthetic listings' }),
      )
      .default('config', 'configs/listings/pipeline.yaml') as never, // each option has a default
  handler: (argv) => runCommand((signal) => runQuickstart({ ...argv, signal })),
};
