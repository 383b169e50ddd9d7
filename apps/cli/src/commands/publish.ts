import type { CommandModule } from 'yargs';
import { note, printJson } from '../output.js';
import { loadPipeline, pipelineOptions, type PipelineArguments } from '../pipeline-options.js';
import { runCommand } from '../run-command.js';
import { publish } from '../stages.js';
import { connectToMlflow } from '../tracking.js';

export const publishCommand: CommandModule<object, PipelineArguments> = {
  command: 'publish <config>',
  describe: 'Make a hashed bundle of the evaluated model and register it in MLflow',
  builder: (argv) =>
    pipelineOptions(argv).epilogue(
      'A model whose verdict is fail is registered too, so that it can be looked at; promote refuses it.',
    ),
  handler: (argv) =>
    runCommand(async (signal) => {
      const loaded = await loadPipeline(argv);
      const { client, uri } = await connectToMlflow();
      const { verdict, ...published } = await publish({ loaded, signal, client, force: argv.force ?? false });
      note(
        `publish: ${published.reused ? 'registered already' : 'registered'} as ${published.modelName} version ${published.version} at ${uri}`,
      );
      if (verdict !== 'pass') note(`verdict: ${verdict}, so this version cannot be promoted`);
      printJson(published);
    }),
};
