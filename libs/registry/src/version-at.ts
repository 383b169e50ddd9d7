import type { MlflowClient } from 'mlflow-client-ts';
import { isMissing } from './registry-errors.js';

/** Version that an alias points at, or undefined when there is no such alias. */
export async function versionAt(
  client: MlflowClient,
  model: string,
  alias: string,
): Promise<string | undefined> {
  try {
    return (await client.registeredModels.getAlias(model, alias)).version;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
