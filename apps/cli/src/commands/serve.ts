import { join } from 'node:path';
import type { CommandModule } from 'yargs';
import { AssayError } from '@assay/core';
import { note, print } from '../output.js';
import { runCommand } from '../run-command.js';
import { servedLimits } from '../served-limits.js';
import { connectToMlflow } from '../tracking.js';
import { wholeNumberOption } from '../whole-number.js';
import { assayHome } from '../workspace.js';

interface ServeArguments {
  model: string;
  host: string;
  port: number;
  maxBodyBytes: number | undefined;
  maxBatch: number | undefined;
}

export const serveCommand: CommandModule<object, ServeArguments> = {
  command: 'serve <model>',
  describe: 'Serve a registered version: models:/NAME@ALIAS or models:/NAME/VERSION',
  builder: (argv) =>
    argv
      .positional('model', { type: 'string', demandOption: true, describe: 'e.g. models:/listings@champion' })
      .option('host', { type: 'string', default: '127.0.0.1', describe: 'Address to listen on' })
      .option(
        'port',
        wholeNumberOption({ name: 'port', min: 0, max: 65_535, default: 8080, describe: '0: any free port' }),
      )
      .option(
        'max-body-bytes',
        wholeNumberOption({
          name: 'max-body-bytes',
          min: 1024,
          describe:
            'Larger requests are refused; default: serve.maxBodyBytes of the pipeline that made the model',
        }),
      )
      .option(
        'max-batch',
        wholeNumberOption({
          name: 'max-batch',
          min: 1,
          max: 4096,
          describe:
            'Most listings in one call of the model; default: serve.maxBatch of the pipeline that made the model',
        }),
      )
      .epilogue('Ctrl-C ends the service with 130, SIGTERM with 0; both answer what was begun.') as never, // yargs adds the camel-case names
  handler: ({ model, host, port, maxBodyBytes, maxBatch }) =>
    runCommand(
      async (signal) => {
        assertModelUri(model);
        const { startService } = await import('@assay/serving');
        const { client } = await connectToMlflow();
        const source = { client, uri: model, cacheDir: join(assayHome(), 'cache', 'models') };
        const limits = await servedLimits(source, { maxBodyBytes, maxBatch });
        const service = await startService({ ...limits, host, port, signal });
        print(service.url);
        note(`serving ${model}; Ctrl-C ends it`);
        await service.closed;
      },
      { endsOnTerm: true },
    ),
};

function assertModelUri(model: string): void {
  if (/^models:\/[^/@]+[/@][^/@]+$/.test(model)) return;
  throw new AssayError(
    'USAGE',
    `'${model}' names no registered version. Expected models:/NAME@ALIAS or models:/NAME/VERSION, e.g. models:/listings@champion.`,
  );
}
