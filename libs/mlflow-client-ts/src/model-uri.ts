import { refuse } from './mlflow-error.js';

/** What a `models:/` address points at. */
export type ModelUri =
  | { kind: 'version'; name: string; version: string }
  | { kind: 'alias'; name: string; alias: string }
  | { kind: 'logged-model'; modelId: string };

/**
 * Takes a model address apart: `models:/NAME/VERSION`, `models:/NAME@ALIAS` or `models:/m-ID`.
 *
 * @throws {MlflowError} `invalid-argument` for anything else; stages and `latest` are not supported, because they move silently
 */
export function parseModelUri(uri: string): ModelUri {
  const path = uri.startsWith('models:/') ? uri.slice('models:/'.length) : undefined;
  const alias = /^(?<name>[^/:]+)@(?<alias>[^@/]+)$/.exec(path ?? '')?.groups;
  if (alias?.['name'] !== undefined && alias['alias'] !== undefined)
    return { kind: 'alias', name: alias['name'], alias: alias['alias'] };
  const version = /^(?<name>[^/:]+)\/(?<version>\d+)$/.exec(path ?? '')?.groups;
  if (version?.['name'] !== undefined && version['version'] !== undefined)
    return { kind: 'version', name: version['name'], version: version['version'] };
  if (/^m-[0-9a-f]+$/.test(path ?? '')) return { kind: 'logged-model', modelId: path ?? '' };
  return refuse(
    `'${uri}' is no model address; expected models:/NAME@ALIAS, models:/NAME/VERSION or models:/m-ID.`,
  );
}
