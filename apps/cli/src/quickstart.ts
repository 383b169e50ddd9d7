import { join } from 'node:path';
import { createLogger } from '@assay/core';
import { note, print, table } from './output.js';
import { loadPipeline } from './pipeline-options.js';
import { synthesizeOnce } from './quickstart-data.js';
import { describeDecisions, sendListings, type QuickstartListing } from './quickstart-listings.js';
import { evaluate, prepare, publish, train } from './stages.js';
import { connectToMlflow } from './tracking.js';
import { assayHome, shortPath } from './workspace.js';

interface QuickstartOptions {
  config: string;
  set: string[] | undefined;
  rows: number;
  seed: number;
  signal: AbortSignal;
}

/**
 * The whole job once, on synthetic listings: make them, prepare, train, evaluate, publish, promote, serve, and decide on
 * three listings that the model has never seen. Ends by itself.
 */
export async function runQuickstart({ config, set, rows, seed, signal }: QuickstartOptions): Promise<void> {
  const start = Date.now();
  const dataRoot = join(assayHome(), 'synthetic', 'listings');
  const loaded = await loadPipeline({ config, set, dataRoot });
  const step = stepPrinter();

  step(`Make ${rows} synthetic listings`);
  await synthesizeOnce({ rows, seed, outDir: dataRoot, signal });
  step('Prepare: read, check, split by time and seller, encode');
  await prepare({ loaded, signal });
  step('Train a text + image + tabular model');
  await train({ loaded, signal });
  step('Evaluate on listings of later months and other sellers');
  const evaluation = await evaluate({ loaded, signal });
  const { evaluationTable, readReport } = await import('@assay/evaluation');
  print(evaluationTable(await readReport(evaluation.dir)));

  step('Publish to MLflow');
  const { client, uri, isLocal } = await connectToMlflow();
  const published = await publish({ loaded, signal, client });
  note(
    `  ${published.modelName} version ${published.version}, bundle ${published.manifestDigest.slice(0, 12)}`,
  );
  step('Promote: the gates passed, so the version becomes the champion');
  const { promote } = await import('@assay/registry');
  await promote({
    client,
    model: published.modelName,
    version: published.version,
    actor: 'quickstart',
    reason: 'quickstart',
  });

  step('Serve the champion and decide on three new listings');
  const { startService } = await import('@assay/serving');
  const model = `models:/${published.modelName}@champion`;
  const { maxBodyBytes, maxBatch } = loaded.config.serve;
  const cacheDir = join(assayHome(), 'cache', 'models');
  const service = await startService({
    source: { client, uri: model, cacheDir },
    host: '127.0.0.1',
    port: 0,
    maxBodyBytes,
    maxBatch,
    logger: createLogger('serving', 'warn'),
    signal,
  });
  let listings: QuickstartListing[];
  try {
    listings = await sendListings(service.url, { data: loaded.config.data, seed: seed + 1000, signal });
  } finally {
    await service.close();
  }
  print(describeDecisions(listings, rows));
  printNext({
    reportPath: join(evaluation.dir, 'report.html'),
    uri,
    isLocal,
    model,
    seconds: (Date.now() - start) / 1000,
  });
}

function stepPrinter(): (title: string) => void {
  let number = 0;
  return (title) => note(`\n${++number}. ${title}`);
}

interface Outcome {
  reportPath: string;
  uri: string;
  isLocal: boolean;
  model: string;
  seconds: number;
}

function printNext({ reportPath, uri, isLocal, model, seconds }: Outcome): void {
  print();
  print(
    table([
      ['result', 'where'],
      ['report', shortPath(reportPath)],
      ['MLflow', uri],
      ['model', model],
      ['time', `${seconds.toFixed(0)} s`],
    ]),
  );
  print();
  print('Try next:');
  const commands = [
    [`npx assay serve ${model}`, 'answers over HTTP until Ctrl-C; the README has a request to send'],
    ['npx nx run listings:evaluate', 'runs a stage, and before it those that something changed for'],
  ];
  if (isLocal)
    commands.push([
      'npx assay mlflow stop',
      'ends the MLflow server, which goes on running; what it stored stays',
    ]);
  print(table([['command', 'what it does'], ...commands]));
}
