import type { CommandModule } from 'yargs';
import { listVersions } from '../list-versions.js';
import { print, printJson, table } from '../output.js';
import { runCommand } from '../run-command.js';
import { connectToMlflow } from '../tracking.js';

interface VersionsArguments {
  model: string;
  json: boolean | undefined;
}

export const versionsCommand: CommandModule<object, VersionsArguments> = {
  command: 'versions <model>',
  describe: 'List the registered versions of a model, the newest first',
  builder: (argv) =>
    argv
      .positional('model', {
        type: 'string',
        demandOption: true,
        describe: 'Registered model, e.g. listings',
      })
      .option('json', { type: 'boolean', describe: 'Print as JSON' }),
  handler: ({ model, json }) =>
    runCommand(async () => {
      const { client } = await connectToMlflow();
      const versions = await listVersions(client, model);
      if (json === true) return printJson(versions);
      const rows = versions.map(({ version, aliases, verdict, created, manifestDigest }) => [
        version,
        aliases.join(', '),
        verdict ?? '–',
        created?.replace(/\.\d+Z$/, 'Z') ?? '–',
        manifestDigest?.slice(0, 12) ?? '–',
      ]);
      print(table([['version', 'aliases', 'verdict', 'created', 'digest'], ...rows]));
    }),
};
