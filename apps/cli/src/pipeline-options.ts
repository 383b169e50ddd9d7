import type { LoadedConfig } from '@assay/config';
import type { Argv } from 'yargs';

export interface ConfigArguments {
  config: string;
  set: string[] | undefined;
}

export interface PipelineArguments extends ConfigArguments {
  dataRoot: string | undefined;
  force: boolean | undefined;
}

/** The arguments of every command that reads a pipeline file. */
export function configOptions(argv: Argv): Argv<ConfigArguments> {
  return argv
    .positional('config', {
      type: 'string',
      demandOption: true,
      describe: 'Pipeline file, e.g. configs/listings/pipeline.yaml',
    })
    .option('set', {
      type: 'string',
      array: true,
      nargs: 1,
      describe: 'Override a value: --set train.batchSize=64',
    }); // yargs leaves out that an option may be missing
}

/** The arguments that every stage command shares. */
export function pipelineOptions(argv: Argv): Argv<PipelineArguments> {
  return configOptions(argv)
    .option('data-root', { type: 'string', describe: 'Folder of the source files, instead of data.root' })
    .option('force', {
      type: 'boolean',
      describe: 'Run even if the result is there already',
    }) as unknown as Argv<PipelineArguments>; // yargs adds the camel-case names
}

/** Reads the pipeline file with the overrides of the command line. */
export async function loadPipeline({
  config,
  set,
  dataRoot,
}: ConfigArguments & { dataRoot?: string | undefined }): Promise<LoadedConfig> {
  const { loadConfig } = await import('@assay/config');
  return loadConfig(config, { overrides: set ?? [], ...(dataRoot === undefined ? {} : { dataRoot }) });
}
