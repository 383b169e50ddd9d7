import type { CommandModule } from 'yargs';
import { pipelineOptions, type PipelineArguments } from '../pipeline-options.js';
import { runQuickstart } from '../quickstart.js';
import { runCommand } from '../run-command.js';

interface QuickstartArguments extends PipelineArguments {
  rows: number;
  seed: number;
}

export const quickstartCommand: CommandModule<object, QuickstartArguments> = {
  command: 'quickstart [config]',
  describe:
    'The whole job on synthetic listings: make, prepare, train, evaluate, publish, promote, serve, decide',
  builder: (argv) =>
    pipelineOptions(argv)
      .option('rows', { type: 'number', default: 2000, describe: 'Synthetic listings to make' })
      .option('seed', { type: 'number', default: 7, describe: 'Seed of the synthetic listings' })
      .default('config', 'configs/listings/pipeline.yaml'), // yargs adds the camel-case names
  handler: (argv) => runCommand((signal) => runQuickstart({ ...argv, signal })),
};
