import type { CommandModule } from 'yargs';
import { loadPipeline, pipelineOptions, type PipelineArguments } from '../pipeline-options.js';
import { reportStage } from '../report-stage.js';
import { runCommand } from '../run-command.js';
import { train } from '../stages.js';

export const trainCommand: CommandModule<object, PipelineArguments> = {
  command: 'train <config>',
  describe: 'Train the model of a pipeline on its prepared records',
  builder: pipelineOptions,
  handler: (argv) =>
    runCommand(async (signal) => {
      const loaded = await loadPipeline(argv);
      reportStage(await train({ loaded, signal, force: argv.force ?? false }));
    }),
};
