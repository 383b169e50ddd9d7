import type { MlflowClient, ModelVersion } from 'mlflow-client-ts';

/** What a registry says of a version. */
export interface ListedVersion {
  version: string;
  aliases: string[];
  /** As it was registered; a promotion reads it out of the bundle. Null when assay did not publish the version. */
  verdict: string | null;
  /** When its publish ended, ISO 8601; null when its run was deleted. */
  created: string | null;
  /** SHA-256 of the bundle's manifest; null when assay did not publish the version. */
  manifestDigest: string | null;
}

/**
 * The versions of a registered model, the newest first.
 *
 * @throws MODEL_NOT_FOUND when there is no such model
 */
export async function listVersions(client: MlflowClient, model: string): Promise<ListedVersion[]> {
  const { TAGS, talkingToMlflow } = await import('@assay/registry');
  return talkingToMlflow(`list the versions of ${model}`, async () => {
    const { aliases } = await client.registeredModels.get(model);
    const found: ModelVersion[] = [];
    for await (const version of client.modelVersions.search({ filter: `name = '${model}'` }))
      found.push(version);
    found.sort((a, b) => Number(b.version) - Number(a.version));
    const listed: ListedVersion[] = [];
    for (const { version, tags, runId } of found) {
      listed.push({
        version,
        aliases: Object.keys(aliases).filter((alias) => aliases[alias] === version),
        verdict: tags[TAGS.verdict] ?? null,
        created: runId === undefined ? null : await endOfRun(client, runId),
        manifestDigest: tags[TAGS.manifestDigest] ?? null,
      });
    }
    return listed;
  });
}

async function endOfRun(client: MlflowClient, runId: string): Promise<string | null> {
  try {
    const { startTime, endTime = startTime } = (await client.runs.get(runId)).info;
    return new Date(endTime).toISOString();
  } catch (error) {
    const { MlflowError } = await import('mlflow-client-ts');
    if (error instanceof MlflowError && error.errorCode === 'RESOURCE_DOES_NOT_EXIST') return null;
    throw error;
  }
}
