import { AssayError } from '@assay/core';
import type { MlflowClient } from 'mlflow-client-ts';
import { ChampionLedger, type LedgerEntry } from './champion-ledger.js';
import { talkingToMlflow } from './registry-errors.js';
import { ALIASES, TAGS } from './tag-names.js';
import { readRemoteVerdict } from './remote-verdict.js';
import { versionAt } from './version-at.js';

export interface PromoteOptions {
  client: MlflowClient;
  /** Name of the registered model. */
  model: string;
  /** Version number, or an alias such as `candidate`. */
  version: string;
  /** Who asks for it; goes into the history. */
  actor: string;
  /** Why; goes into the history. */
  reason: string;
  /** Clock, for the history; default: now. */
  now?: () => Date;
}

export interface Promotion {
  model: string;
  version: string;
  /** Version that was champion before, or null. */
  previous: string | null;
  /** Number of the champion, counted from 1. */
  generation: number;
  /** Whether the version was champion already and nothing changed. */
  unchanged: boolean;
}

/**
 * Makes a version the champion of its model, if its own verdict is `pass`.
 * Of several promotions at the same time exactly one wins; the alias `champion` follows the ledger.
 *
 * @throws GATE_FAILED when the verdict of exactly that version is not `pass`
 * @throws PROMOTION_CONFLICT when another promotion won
 * @throws MODEL_NOT_FOUND when there is no such model, version or alias
 * @throws BUNDLE_CORRUPT when the published verdict is not the one that was registered
 */
export async function promote(options: PromoteOptions): Promise<Promotion> {
  const { client, model, version } = options;
  return talkingToMlflow(`promote ${model} version ${version}`, async () => {
    const number = /^\d+$/.test(version)
      ? version
      : (await client.registeredModels.getAlias(model, version)).version;
    const verdict = await readRemoteVerdict(client, model, number);
    if (verdict.verdict !== 'pass' || verdict.leaky) {
      const reasons = verdict.leaky ? ['its data leaks between splits', ...verdict.reasons] : verdict.reasons;
      throw new AssayError(
        'GATE_FAILED',
        `${model} version ${number} may not be promoted: its verdict is '${verdict.verdict}' (${reasons.join('; ') || 'no reason given'}). Fix: train a better model, or change evaluate.gates and evaluate again.`,
        {
          details: { model, version: number },
        },
      );
    }
    return moveChampion({ ...options, version: number }, verdict.digest);
  });
}

/**
 * Makes the champion before the present one champion again.
 *
 * @throws MODEL_NOT_FOUND when there was no champion before
 * @throws PROMOTION_CONFLICT when another promotion won
 */
export async function rollback(options: Omit<PromoteOptions, 'version'>): Promise<Promotion> {
  const { client, model } = options;
  return talkingToMlflow(`roll back ${model}`, async () => {
    const entries = await (await ChampionLedger.open(client, model)).entries();
    const champion = entries.at(-1);
    const previous = entries.findLast(({ version }) => version !== champion?.version);
    if (previous === undefined) {
      throw new AssayError(
        'MODEL_NOT_FOUND',
        `${model} has no champion before the present one, so there is nothing to roll back to.`,
      );
    }
    const verdict = await readRemoteVerdict(client, model, previous.version);
    return moveChampion({ ...options, version: previous.version }, verdict.digest);
  });
}

async function moveChampion(options: PromoteOptions, verdictDigest: string): Promise<Promotion> {
  const { client, model, version, actor, reason, now = () => new Date() } = options;
  const ledger = await ChampionLedger.open(client, model);
  const current = (await ledger.entries()).at(-1);
  if (current?.version === version) {
    await alignAliases(client, model, ledger);
    return { model, version, previous: null, generation: current.generation, unchanged: true };
  }
  const entry = await ledger.append(version, current);
  const previous = current?.version ?? null;
  const move = {
    alias: ALIASES.champion,
    from: previous,
    to: version,
    at: now().toISOString(),
    actor,
    reason,
    verdictDigest,
  };
  await client.registeredModels.setTag(
    model,
    `${TAGS.aliasHistory}${entry.generation}`,
    JSON.stringify(move),
  );
  await alignAliases(client, model, ledger);
  return { model, version, previous, generation: entry.generation, unchanged: false };
}

/**
 * Lets `champion` and `previous` follow the ledger, which also repairs a move by someone else or by a killed promotion.
 * Repeats while another promotion goes on, so that the last writer of the alias is never an overtaken one.
 */
async function alignAliases(client: MlflowClient, model: string, ledger: ChampionLedger): Promise<void> {
  let entries = await ledger.entries();
  for (;;) {
    const [champion, previous] = [entries.at(-1), entries.at(-2)];
    await pointAlias(client, model, ALIASES.champion, champion);
    await pointAlias(client, model, ALIASES.previous, previous);
    entries = await ledger.entries();
    if (entries.at(-1)?.generation === champion?.generation) return;
  }
}

async function pointAlias(
  client: MlflowClient,
  model: string,
  alias: string,
  entry: LedgerEntry | undefined,
): Promise<void> {
  if (entry === undefined) return;
  const present = await versionAt(client, model, alias);
  if (present !== entry.version) await client.registeredModels.setAlias(model, alias, entry.version);
}
