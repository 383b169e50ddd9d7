import type { MlflowClient } from 'mlflow-client-ts';
import type { ChampionLedger, LedgerEntry } from './champion-ledger.js';
import { isMissing } from './registry-errors.js';
import { ALIASES, TAGS } from './tag-names.js';
import { versionAt } from './version-at.js';

type Bundle = Pick<LedgerEntry, 'version' | 'manifestDigest'>;

export const isSameBundle = (a: Bundle, b: Bundle): boolean =>
  a.version === b.version && a.manifestDigest === b.manifestDigest;

/**
 * Lets `champion`, `previous` and the history follow the ledger, which also repairs what someone else moved or a killed
 * promotion left undone. Repeats while another promotion goes on, so that the last writer of the alias is never an
 * overtaken one.
 */
export async function alignAliases(
  client: MlflowClient,
  model: string,
  ledger: ChampionLedger,
): Promise<void> {
  let entries = await ledger.entries();
  for (;;) {
    const champion = entries.at(-1);
    await writeHistory(client, model, entries);
    await pointAlias(client, model, ALIASES.champion, champion);
    await pointAlias(client, model, ALIASES.previous, await championBefore(client, model, entries));
    entries = await ledger.entries();
    if (entries.at(-1)?.generation === champion?.generation) return;
  }
}

/** The newest champion before the present one that is another bundle and still registered. */
export async function championBefore(
  client: MlflowClient,
  model: string,
  entries: readonly LedgerEntry[],
): Promise<LedgerEntry | undefined> {
  const champion = entries.at(-1);
  for (const entry of entries.toReversed()) {
    if (champion !== undefined && isSameBundle(entry, champion)) continue;
    if (await isRegistered(client, model, entry)) return entry;
  }
  return undefined;
}

/** A deleted version is gone; one of a model that was deleted and made again is another one. */
async function isRegistered(
  client: MlflowClient,
  model: string,
  { version, manifestDigest }: Bundle,
): Promise<boolean> {
  try {
    const { tags } = await client.modelVersions.get(model, version);
    return tags[TAGS.manifestDigest] === manifestDigest;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Writes the moves that the registered model does not show yet. */
async function writeHistory(
  client: MlflowClient,
  model: string,
  entries: readonly LedgerEntry[],
): Promise<void> {
  const { tags } = await client.registeredModels.get(model);
  for (const [i, { generation, version, ...facts }] of entries.entries()) {
    const key = `${TAGS.aliasHistory}${generation}`;
    if (key in tags) continue;
    const move = { alias: ALIASES.champion, from: entries[i - 1]?.version ?? null, to: version, ...facts };
    await client.registeredModels.setTag(model, key, JSON.stringify(move));
  }
}

async function pointAlias(
  client: MlflowClient,
  model: string,
  alias: string,
  entry: LedgerEntry | undefined,
): Promise<void> {
  const present = await versionAt(client, model, alias);
  if (entry !== undefined && (await isRegistered(client, model, entry))) {
    if (present !== entry.version) await client.registeredModels.setAlias(model, alias, entry.version);
  } else if (present !== undefined) await client.registeredModels.deleteAlias(model, alias);
}
