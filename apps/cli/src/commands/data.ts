import { resolve } from 'node:path';
import type { CommandModule } from 'yargs';
import { print, printJson } from '../output.js';
import { describePrepared } from '../describe-prepared.js';
import { reportDescription } from '../report-description.js';
import { reportDiff } from '../report-diff.js';
import { runCommand } from '../run-command.js';

interface InspectArguments {
  dir: string;
  json: boolean | undefined;
}

const inspect: CommandModule<object, InspectArguments> = {
  command: 'inspect <dir>',
  describe:
    'Show what a folder of prepared data holds: splits, labels, what splits share, rejected rows, model inputs',
  builder: (argv) =>
    argv
      .positional('dir', {
        type: 'string',
        demandOption: true,
        describe: 'Folder that prepare wrote, e.g. .assay/runs/listings/prepare',
      })
      .option('json', { type: 'boolean', describe: 'Print as JSON' }),
  handler: ({ dir, json }) =>
    runCommand(async () => {
      const description = await describePrepared(resolve(dir));
      if (json === true) printJson(description);
      else reportDescription(description);
    }),
};

interface DiffArguments {
  before: string;
  after: string;
  json: boolean | undefined;
}

const diff: CommandModule<object, DiffArguments> = {
  command: 'diff <before> <after>',
  describe: 'Show what changed between two folders of prepared data: rows, labels, splits',
  builder: (argv) =>
    argv
      .positional('before', { type: 'string', demandOption: true, describe: 'Folder that prepare wrote' })
      .positional('after', { type: 'string', demandOption: true, describe: 'Another one' })
      .option('json', { type: 'boolean', describe: 'Print as JSON' }),
  handler: ({ before, after, json }) =>
    runCommand(async () => {
      const { diffPrepared, isSame, PreparedData } = await import('@assay/data');
      const difference = await diffPrepared(
        await PreparedData.open(resolve(before)),
        await PreparedData.open(resolve(after)),
      );
      if (json === true) return printJson(difference);
      if (isSame(difference)) print('no difference');
      else reportDiff(difference);
    }),
};

export const dataCommand: CommandModule = {
  command: 'data <inspect|diff>',
  describe: 'Look into prepared data, or compare two sets',
  builder: (argv) =>
    argv.command([inspect, diff] as unknown as CommandModule[]).demandCommand(1, 'Name an action.'), // each has arguments of its own
  handler: () => undefined,
};
