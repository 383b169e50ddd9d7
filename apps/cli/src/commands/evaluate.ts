import { join } from 'node:path';
import { EXIT } from '@assay/core';
import type { CommandModule } from 'yargs';
import { note, print, printJson } from '../output.js';
import { loadPipeline, pipelineOptions, type PipelineArguments } from '../pipeline-options.js';
import { runCommand } from '../run-command.js';
import { evaluate } from '../stages.js';
import { shortPath } from '../workspace.js';

interface EvaluateArguments extends PipelineArguments {
  failOnVerdict: boolean | undefined;
  json: boolean | undefined;
}

export const evaluateCommand: CommandModule<object, EvaluateArguments> = {
  command: 'evaluate <config>',
  describe: 'Measure the trained model, choose its thresholds and apply the gates',
  builder: (argv) =>
    pipelineOptions(argv)
      .option('fail-on-verdict', {
        type: 'boolean',
        describe: 'End with 3 when the verdict is not pass',
      })
      .option('json', { type: 'boolean', describe: 'Print report.json' })
      .epilogue(
        'A verdict fail is a result, not an error: the command ends with 0, and it is promote that refuses the model, with 3.',
      ) as never, // yargs adds the camel-case names
  handler: (argv) =>
    runCommand(async (signal) => {
      const loaded = await loadPipeline(argv);
      const { evaluationTable, readReport } = await import('@assay/evaluation');
      const result = await evaluate({ loaded, signal, force: argv.force ?? false });
      const report = await readReport(result.dir);
      if (argv.json === true) printJson(report);
      else print(evaluationTable(report));
      note(
        `evaluate: ${result.reused ? 'up to date' : 'done'}, report: ${shortPath(join(result.dir, 'report.html'))}`,
      );
      if (report.verdict.verdict !== 'pass' && argv.failOnVerdict === true) process.exitCode = EXIT.gate;
    }),
};
