import { join } from 'node:path';
import type { LoggedModel, MlflowClient } from 'mlflow-client-ts';
import { filesBelow } from './bundle-manifest.js';
import { sourceTags, type PublishedRun } from './publish-run.js';
import { TAGS } from './tag-names.js';
import type { VerifiedBundle } from './verified-bundle.js';

const MODEL_FILE = 'MLmodel';

interface LoggedModelOptions {
  run: PublishedRun;
  name: string;
  actor: string | undefined;
}

/**
 * Uploads a bundle as a LoggedModel. One that a killed publish of the same bundle left is completed.
 *
 * @returns its id; its status is READY
 */
export async function publishLoggedModel(
  client: MlflowClient,
  bundle: VerifiedBundle,
  options: LoggedModelOptions,
): Promise<string> {
  const model =
    (await findLoggedModel(client, bundle, options.run)) ??
    (await createLoggedModel(client, bundle, options));
  if (model.status === 'LOGGED_MODEL_READY') return model.modelId;
  const files = filesBelow(bundle.dir).filter((path) => path !== MODEL_FILE);
  // MLmodel last: a model with one is complete.
  for (const path of [...files, MODEL_FILE])
    await client.artifacts.uploadFile(model.artifactUri, join(bundle.dir, path), path);
  await client.loggedModels.finalize(model.modelId, 'LOGGED_MODEL_READY');
  return model.modelId;
}

async function findLoggedModel(
  client: MlflowClient,
  { manifestDigest }: VerifiedBundle,
  { experimentId, runId }: PublishedRun,
): Promise<LoggedModel | undefined> {
  const filter = `tags.\`${TAGS.manifestDigest}\` = '${manifestDigest}'`;
  for await (const model of client.loggedModels.search({ experimentIds: [experimentId], filter })) {
    if (model.sourceRunId === runId && model.status !== 'LOGGED_MODEL_UPLOAD_FAILED') return model;
  }
  return undefined;
}

function createLoggedModel(
  client: MlflowClient,
  bundle: VerifiedBundle,
  { run, name, actor }: LoggedModelOptions,
): Promise<LoggedModel> {
  return client.loggedModels.create({
    experimentId: run.experimentId,
    name: name.replaceAll(/[/:.%"']/g, '-'), // characters that MLflow forbids here
    modelType: 'assay',
    sourceRunId: run.runId,
    tags: { [TAGS.manifestDigest]: bundle.manifestDigest, ...sourceTags(bundle, actor) },
  });
}
