#!/usr/bin/env node
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { commands } from './commands/index.js';
import { reportUsageError, USAGE_SENTENCES } from './usage-error.js';

const args = hideBin(process.argv);

// Nothing heavy is imported here: each command loads what it needs when it runs, so that --help answers at once.
void yargs(args)
  .scriptName('assay')
  .locale('en') // all texts are English, whatever LANG says
  .updateStrings(USAGE_SENTENCES as unknown as Record<string, string>) // its type leaves out plurals
  .usage('$0 <command>\n\nTrain, evaluate, register and serve multimodal classifiers of user content.')
  .command(commands)
  .demandCommand(1, 'Name a command.')
  .option('quiet', { type: 'boolean', global: true, describe: 'No progress, only results and errors.' })
  .middleware(({ quiet }) => {
    if (quiet === true) process.env['ASSAY_QUIET'] = '1';
  })
  .recommendCommands()
  .strict()
  .version('0.1.0')
  .help()
  .wrap(Math.min(110, process.stderr.columns ?? 110))
  .fail((message, error) => reportUsageError({ message, error, args, commands }))
  .parseAsync();
