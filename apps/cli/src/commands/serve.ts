import { join } from 'node:path';
import type { CommandModule } from 'yargs';
import { AssayError } from '@assay/core';
import { note, print } from '../output.js';
import { runCommand } from '../run-command.js';
import { connectToMlflow } from '../tracking.js';
import { wholeNumber } from '../whole-number.js';
import { assayHome } from '../workspace.js';

interface ServeArguments {
  model: string;
  host: string;
  port: number;
  maxBodyBytes: number;
  maxBatch: number;
}

export const serveCommand: CommandModule<object, ServeArguments> = {
  command: 'serve <model>',
  describe: 'Serve a registered version: models:/NAME@ALIAS or models:/NAME/VERSION',
  builder: (argv) =>
    argv
      .positional('model', { type: 'string', demandOption: true, describe: 'e.g. models:/listings@champion' })
      .option('host', { type: 'string', default: '127.0.0.1' })
      .option('port', {
        type: 'number',
        default: 8080,
        coerce: wholeNumber('port', 0, 65_535),
        describe: '0: any free port',
      })
      .option('max-body-bytes', {
        type: 'number',
        default: 20_000_000,
        coerce: wholeNumber('max-body-bytes', 1),
        describe: 'Larger requests are refused',
      })
      .option('max-batch', {
        type: 'number',
        default: 64,
        coerce: wholeNumber('max-batch', 1),
        describe: 'Most listings in one call of the model',
      }) as never, // yargs adds the camel-case names
  handler: ({ model, host, port, maxBodyBytes, maxBatch }) =>
    runCommand(async (signal) => {
      assertModelUri(model);
      const { startService } = await import('@assay/serving');
      const { client } = await connectToMlflow();
      const cacheDir = join(assayHome(), 'cache', 'models');
      const service = await startService({
        source: { client, uri: model, cacheDir },
        host,
        port,
        maxBodyBytes,
        maxBatch,
        signal,
      });
      print(service.url);
      note(`serving ${model}; Ctrl-C ends it`);
      await service.closed;
      process.exitCode = 130;
    }),
};

function assertModelUri(model: string): void {
  if (/^models:\/[^/@]+[/@][^/@]+$/.test(model)) return;
  throw new AssayError(
    'USAGE',
    `'${model}' names no registered version. Expected models:/NAME@ALIAS or models:/NAME/VERSION, e.g. models:/listings@champion.`,
  );
}
