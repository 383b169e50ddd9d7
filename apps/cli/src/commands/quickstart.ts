import type { CommandModule } from 'yargs';
import { configOptions, type ConfigArguments } from '../pipeline-options.js';
import { runQuickstart } from '../quickstart.js';
import { runCommand } from '../run-command.js';
import { wholeNumber } from '../whole-number.js';

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
      .option('rows', {
        type: 'number',
        default: 2000,
        coerce: wholeNumber('rows', 1),
        describe: 'Synthetic listings to make',
      })
      .option('seed', {
        type: 'number',
        default: 7,
        coerce: wholeNumber('seed', 0),
        describe: 'Seed of the synthetic listings',
      })
      .default('config', 'configs/listings/pipeline.yaml'), // yargs adds the camel-case names
  handler: (argv) => runCommand((signal) => runQuickstart({ ...argv, signal })),
};
