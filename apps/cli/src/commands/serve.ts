import { join } from 'node:path';
import type { CommandModule } from 'yargs';
import { note, print } from '../output.js';
import { runCommand } from '../run-command.js';
import { connectToMlflow } from '../tracking.js';
import { assayHome } from '../workspace.js';

interface ServeArguments {
  model: string;
  host: string;
  port: number;
}

export const serveCommand: CommandModule<object, ServeArguments> = {
  command: 'serve <model>',
  describe: 'Serve a registered version: models:/NAME@ALIAS or models:/NAME/VERSION',
  builder: (argv) =>
    argv
      .positional('model', { type: 'string', demandOption: true, describe: 'e.g. models:/listings@champion' })
      .option('host', { type: 'string', default: '127.0.0.1' })
      .option('port', { type: 'number', default: 8080, describe: '0: any free port' }),
  handler: ({ model, host, port }) =>
    runCommand(async (signal) => {
      const { startService } = await import('@assay/serving');
      const { client } = await connectToMlflow();
      const service = await startService({
        client,
        uri: model,
        cacheDir: join(assayHome(), 'cache', 'models'),
        host,
        port,
      });
      print(service.url);
      note(`serving ${model}; Ctrl-C ends it`);
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      await service.close();
      process.exitCode = 130;
    }),
};
