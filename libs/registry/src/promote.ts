import { AssayError } from '@assay/core';
import type { MlflowClient } from 'mlflow-client-ts';
import { alignAliases, championBefore, isSameBundle } from './champion-aliases.js';
import { ChampionLedger, type LedgerEntry } from './champion-ledger.js';
import { talkingToMlflow } from './registry-errors.js';
import { readRemoteVerdict } from './remote-verdict.js';

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
 * @throws PROMOTION_CONFLICT when another promotion won, also one that began before this one ended
 * @throws MODEL_NOT_FOUND when there is no such model, version or alias
 * @throws BUNDLE_CORRUPT when the published verdict is not the one that was registered
 */
export async function promote(options: PromoteOptions): Promise<Promotion> {
  const { client, model, version } = options;
  return talkingToMlflow(`promote ${model} version ${version}`, async () => {
    const ledger = new ChampionLedger(client, model);
    const current = (await ledger.entries()).at(-1);
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
    return moveChampion({ ...options, version: number }, { ledger, current, verdict });
  });
}

/**
 * Makes the champion before the present one champion again: the newest one that is another model and still registered.
 *
 * @throws MODEL_NOT_FOUND when there is none
 * @throws PROMOTION_CONFLICT when another promotion won
 */
export async function rollback(options: Omit<PromoteOptions, 'version'>): Promise<Promotion> {
  const { client, model } = options;
  return talkingToMlflow(`roll back ${model}`, async () => {
    const ledger = new ChampionLedger(client, model);
    const entries = await ledger.entries();
    const previous = await championBefore(client, model, entries);
    if (previous === undefined) {
      throw new AssayError(
        'MODEL_NOT_FOUND',
        `${model} has no champion before the present one that is still registered, so there is nothing to roll back to.`,
      );
    }
    const { version } = previous;
    const verdict = await readRemoteVerdict(client, model, version);
    return moveChampion({ ...options, version }, { ledger, current: entries.at(-1), verdict });
  });
}

interface Decision {
  ledger: ChampionLedger;
  /** The champion that the decision saw: one that came later is not overwritten. */
  current: LedgerEntry | undefined;
  verdict: { manifestDigest: string; digest: string };
}

async function moveChampion(
  { client, model, version, actor, reason, now = () => new Date() }: PromoteOptions,
  { ledger, current, verdict }: Decision,
): Promise<Promotion> {
  const { manifestDigest, digest: verdictDigest } = verdict;
  if (current !== undefined && isSameBundle(current, { version, manifestDigest })) {
    await alignAliases(client, model, ledger);
    return { model, version, previous: null, generation: current.generation, unchanged: true };
  }
  const claim = { version, manifestDigest, verdictDigest, at: now().toISOString(), actor, reason };
  const { generation } = await ledger.append(claim, current);
  await alignAliases(client, model, ledger);
  return { model, version, previous: current?.version ?? null, generation, unchanged: false };
}
