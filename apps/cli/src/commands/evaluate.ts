import { join } from 'node:path';
import type { CommandModule } from 'yargs';
import { note, print, printJson } from '../output.js';
import { loadPipeline, pipelineOptions, type PipelineArguments } from '../pipeline-options.js';
import { runCommand } from '../run-command.js';
import { evaluate } from '../stages.js';
import { shortPath } from '../workspace.js';

interface EvaluateArguments extends PipelineArguments {
  json: boolean | undefined;
}

export const evaluateCommand: CommandModule<object, EvaluateArguments> = {
  command: 'evaluate <config>',
  describe: 'Measure the trained model, choose its thresholds and apply the gates',
  builder: (argv) => pipelineOptions(argv).option('json', { type: 'boolean', describe: 'Print report.json' }), // yargs adds the camel-case names
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
    }),
};
