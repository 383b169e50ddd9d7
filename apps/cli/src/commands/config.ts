import type { CommandModule } from 'yargs';
import { note, printJson } from '../output.js';
import { configOptions, loadPipeline, type ConfigArguments } from '../pipeline-options.js';
import { runCommand } from '../run-command.js';

const show: CommandModule<object, ConfigArguments> = {
  command: 'show <config>',
  describe: 'Check a pipeline file and print it with every default filled in',
  builder: configOptions,
  handler: (argv) =>
    runCommand(async () => {
      printJson((await loadPipeline(argv)).config);
    }),
};

const check: CommandModule<object, ConfigArguments> = {
  command: 'check <config>',
  describe: 'Check a pipeline file: 0 when it is valid, else 2 and every problem',
  builder: configOptions,
  handler: (argv) =>
    runCommand(async () => {
      await loadPipeline(argv);
      note('ok');
    }),
};

const schema: CommandModule = {
  command: 'schema',
  describe: 'Print the JSON Schema of a pipeline file, for editors',
  handler: () =>
    runCommand(async () => {
      const { pipelineJsonSchema } = await import('@assay/config');
      printJson(pipelineJsonSchema());
    }),
};

export const configCommand: CommandModule = {
  command: 'config <show|check|schema>',
  describe: 'Check a pipeline file, or print its schema',
  builder: (argv) =>
    argv.command([show, check, schema] as unknown as CommandModule[]).demandCommand(1, 'Name an action.'),
  handler: () => undefined,
};
