import type { CommandModule } from 'yargs';
import { print, printJson } from '../output.js';
import { runCommand } from '../run-command.js';
import { assayHome } from '../workspace.js';

const start: CommandModule = {
  command: 'start',
  describe: 'Start the local server, or find the one that runs',
  handler: () =>
    runCommand(async () => {
      const { ensureLocalServer } = await import('@assay/mlflow-server');
      print((await ensureLocalServer({ home: assayHome() })).uri);
    }),
};

const stop: CommandModule = {
  command: 'stop',
  describe: 'Stop the local server; what it stored stays',
  handler: () =>
    runCommand(async () => {
      const { stopLocalServer } = await import('@assay/mlflow-server');
      const { stopped } = await stopLocalServer({ home: assayHome() });
      print(stopped ? 'stopped' : 'no local server was running');
    }),
};

const status: CommandModule<object, { json: boolean | undefined }> = {
  command: 'status',
  describe: 'Say whether the local server runs, and where',
  builder: { json: { type: 'boolean', describe: 'Print as JSON' } },
  handler: ({ json }) =>
    runCommand(async () => {
      const { localServerStatus } = await import('@assay/mlflow-server');
      const found = await localServerStatus({ home: assayHome() });
      if (json === true) return printJson(found);
      print(found.running ? `running: ${found.uri} (process ${found.pid})` : 'not running');
    }),
};

export const mlflowCommand: CommandModule = {
  command: 'mlflow <start|stop|status>',
  describe: 'Manage the local MLflow server (used when MLFLOW_TRACKING_URI is unset)',
  builder: (argv) =>
    argv.command([start, stop, status] as unknown as CommandModule[]).demandCommand(1, 'Name an action.'),
  handler: () => undefined,
};
