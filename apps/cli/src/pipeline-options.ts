import type { LoadedConfig } from '@assay/config';
import type { Argv } from 'yargs';

export interface PipelineArguments {
  config: string;
  set: string[] | undefined;
  dataRoot: string | undefined;
  force: boolean | undefined;
}

/** The arguments that every stage command shares. */
export function pipelineOptions(argv: Argv): Argv<PipelineArguments> {
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
    })
    .option('data-root', { type: 'string', describe: 'Folder of the source files, instead of data.root' })
    .option('force', {
      type: 'boolean',
      describe: 'Run even if the result is there already',
    }) as unknown as Argv<PipelineArguments>; // yargs adds the camel-case names
}

/** Reads the pipeline file with the overrides of the command line. */
export async function loadPipeline({ config, set, dataRoot }: PipelineArguments): Promise<LoadedConfig> {
  const { loadConfig } = await import('@assay/config');
  return loadConfig(config, { overrides: set ?? [], ...(dataRoot === undefined ? {} : { dataRoot }) });
}
