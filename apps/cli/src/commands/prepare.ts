import type { CommandModule } from 'yargs';
import { printJson } from '../output.js';
import { loadPipeline, pipelineOptions, type PipelineArguments } from '../pipeline-options.js';
import { reportPrepared } from '../report-prepared.js';
import { runCommand } from '../run-command.js';
import { prepare } from '../stages.js';

interface PrepareArguments extends PipelineArguments {
  allowLeak: boolean | undefined;
  json: boolean | undefined;
}

export const prepareCommand: CommandModule<object, PrepareArguments> = {
  command: 'prepare <config>',
  describe: 'Read, check, split and encode the records of a pipeline',
  builder: (argv) =>
    pipelineOptions(argv)
      .option('allow-leak', {
        type: 'boolean',
        describe: 'Go on when a group lies in several splits; such a model cannot be promoted',
      })
      .option('json', { type: 'boolean', describe: 'Print the manifest as JSON' }) as never, // yargs adds the camel-case names
  handler: (argv) =>
    runCommand(async (signal) => {
      const loaded = await loadPipeline(argv);
      const result = await prepare({
        loaded,
        signal,
        force: argv.force ?? false,
        allowLeak: argv.allowLeak ?? false,
      });
      if (argv.json === true) return printJson(result.manifest);
      const { classNames } = await import('@assay/config');
      reportPrepared(result, classNames(loaded.config.data.labels));
    }),
};
