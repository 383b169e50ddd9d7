import type { CommandModule } from 'yargs';
import { printJson } from '../output.js';
import { loadPipeline, pipelineOptions, type PipelineArguments } from '../pipeline-options.js';
import { reportStage } from '../report-stage.js';
import { runCommand } from '../run-command.js';
import { train } from '../stages.js';

interface TrainArguments extends PipelineArguments {
  json: boolean | undefined;
}

export const trainCommand: CommandModule<object, TrainArguments> = {
  command: 'train <config>',
  describe: 'Train the model of a pipeline on its prepared records',
  builder: (argv) =>
    pipelineOptions(argv).option('json', { type: 'boolean', describe: 'Print the manifest as JSON' }),
  handler: (argv) =>
    runCommand(async (signal) => {
      const loaded = await loadPipeline(argv);
      const result = await train({ loaded, signal, force: argv.force ?? false });
      if (argv.json === true) printJson(result.manifest);
      else reportStage(result);
    }),
};
