import { AssayError } from '@assay/core';
import type { MlflowClient, ModelVersion } from 'mlflow-client-ts';
import { publishLoggedModel } from './publish-logged-model.js';
import { publishRun, type RunOptions } from './publish-run.js';
import { talkingToMlflow } from './registry-errors.js';
import { ALIASES, TAGS } from './tag-names.js';
import { openVerified, type VerifiedBundle } from './verified-bundle.js';
import { versionAt } from './version-at.js';

export interface PublishOptions extends RunOptions {
  /** A directory that `assembleBundle` made. */
  bundleDir: string;
  /** Registered model; default: the name of the pipeline. */
  registeredModel?: string;
}

export interface Published {
  modelName: string;
  version: string;
  modelId: string | null;
  runId: string;
  manifestDigest: string;
  /** Whether an equal bundle had been registered before, so that nothing new was made. */
  reused: boolean;
}

/**
 * Registers a bundle in MLflow: a run with parameters, curves and report, a LoggedModel with the files, a version.
 * The alias `candidate` then points at it, also when it was registered before and newer versions exist: it follows the
 * last publish. The same bundle is registered once, also after a publish that was killed.
 *
 * @throws BUNDLE_CORRUPT when a file of the bundle is not what its manifest says
 * @throws GATE_FAILED when the model learnt from leaking data
 * @throws MLFLOW_UNREACHABLE, MLFLOW_REJECTED when the server does not answer or refuses
 */
export async function publish(options: PublishOptions): Promise<Published> {
  const bundle = await openVerified(options.bundleDir);
  if (bundle.verdict.leaky) {
    throw new AssayError(
      'GATE_FAILED',
      `${bundle.lineage.pipeline} learnt from data that leak between splits, so its figures mean nothing and it is not published. Fix: change data.split and prepare again without --allow-leak.`,
    );
  }
  const modelName = options.registeredModel ?? bundle.lineage.pipeline;
  return talkingToMlflow(`publish ${modelName}`, () => register(options, bundle, modelName));
}

async function register(
  options: PublishOptions,
  bundle: VerifiedBundle,
  modelName: string,
): Promise<Published> {
  const { client } = options;
  await client.registeredModels.getOrCreate(modelName);
  const known = await oldestVersion(client, modelName, bundle.manifestDigest);
  const version = known ?? (await makeVersion(options, bundle, modelName));
  await finishRun(client, version.runId);
  await pointCandidate(client, modelName, version.version);
  return {
    modelName,
    version: version.version,
    modelId: (await modelIdOf(client, version)) ?? null,
    runId: version.runId ?? '',
    manifestDigest: bundle.manifestDigest,
    reused: known !== undefined,
  };
}

async function makeVersion(
  options: PublishOptions,
  bundle: VerifiedBundle,
  modelName: string,
): Promise<ModelVersion> {
  const { client } = options;
  const run = await publishRun(options, bundle);
  const modelId = await publishLoggedModel(client, bundle, { run, name: modelName, actor: options.actor });
  const { runId } = run;
  await linkOutput(client, runId, modelId);
  const made = await client.modelVersions.create({
    name: modelName,
    source: `models:/${modelId}`,
    runId,
    modelId,
    tags: versionTags(bundle),
  });
  const oldest = (await oldestVersion(client, modelName, bundle.manifestDigest)) ?? made;
  if (oldest.version !== made.version) await client.modelVersions.delete(modelName, made.version); // published twice at once
  return oldest;
}

/** MLflow 3 does not say of a version which logged model it is; where its files lie tells. */
async function modelIdOf(client: MlflowClient, { name, version, modelId }: ModelVersion) {
  return modelId ?? (await client.resolveModelUri(`models:/${name}/${version}`)).modelId;
}

/** Ends the run of a version, also one whose publish was killed after the version was made. */
async function finishRun(client: MlflowClient, runId: string | undefined): Promise<void> {
  if (runId === undefined) return;
  const { info } = await client.runs.get(runId);
  if (info.status !== 'FINISHED') await client.runs.update(runId, { status: 'FINISHED' });
}

/** Names the model as an output of the run, once: MLflow refuses the same output a second time. */
async function linkOutput(client: MlflowClient, runId: string, modelId: string): Promise<void> {
  const { outputs } = await client.runs.get(runId);
  if (outputs.modelOutputs.some((output) => output.modelId === modelId)) return;
  await client.runs.outputs(runId, [{ modelId, step: 0 }]);
}

/** The first version that holds this very bundle. */
async function oldestVersion(
  client: MlflowClient,
  name: string,
  manifestDigest: string,
): Promise<ModelVersion | undefined> {
  const filter = `name = '${name}' AND tags.\`${TAGS.manifestDigest}\` = '${manifestDigest}'`;
  let oldest: ModelVersion | undefined;
  for await (const version of client.modelVersions.search({ filter })) {
    if (
      version.status === 'READY' &&
      (oldest === undefined || Number(version.version) < Number(oldest.version))
    )
      oldest = version;
  }
  return oldest;
}

/** Moves `candidate` to the version. Of two publishers at once the later writer wins, which was the last publish. */
async function pointCandidate(client: MlflowClient, name: string, version: string): Promise<void> {
  const present = await versionAt(client, name, ALIASES.candidate);
  if (present === version) return;
  const move = { alias: ALIASES.candidate, from: present ?? null, to: version };
  await client.registeredModels.setTag(
    name,
    `${TAGS.aliasHistory}candidate.${version}`,
    JSON.stringify(move),
  );
  await client.registeredModels.setAlias(name, ALIASES.candidate, version);
}

function versionTags({
  manifestDigest,
  verdict,
  verdictDigest,
  lineage,
}: VerifiedBundle): Record<string, string> {
  return {
    [TAGS.manifestDigest]: manifestDigest,
    [TAGS.verdict]: verdict.verdict,
    [TAGS.verdictDigest]: verdictDigest,
    [TAGS.pipeline]: lineage.pipeline,
  };
}
