import { randomUUID } from 'node:crypto';
import { AssayError } from '@assay/core';
import { MlflowError, type MlflowClient } from 'mlflow-client-ts';
import { z } from 'zod';
import { isExisting, isMissing } from './registry-errors.js';
import { TAGS } from './tag-names.js';

const LEDGERS_EXPERIMENT = 'assay-ledgers';
const PARAM = /^champion\.(\d+)$/;

/** Value of one param: everything about one promotion, so that a kill after it was written loses nothing. */
const claimSchema = z.object({
  version: z.string(),
  /** Digest of the bundle: a model that was deleted and made again has other bundles under the same numbers. */
  manifestDigest: z.string(),
  verdictDigest: z.string(),
  at: z.string(),
  actor: z.string(),
  reason: z.string(),
});

export type ChampionClaim = z.infer<typeof claimSchema>;

export interface LedgerEntry extends ChampionClaim {
  /** 1 for the first champion; each move adds one. */
  generation: number;
}

/**
 * The history of a model's champions, in the params of one run. MLflow never changes a param once written, so writing
 * `champion.<generation>` is a compare-and-swap: of several writers for one generation, exactly one succeeds.
 */
export class ChampionLedger {
  readonly #client: MlflowClient;
  readonly #model: string;
  #runId: string | undefined;

  constructor(client: MlflowClient, model: string) {
    this.#client = client;
    this.#model = model;
  }

  /** All champions so far, oldest first. */
  async entries(): Promise<LedgerEntry[]> {
    const entries = Object.entries(await this.#params()).flatMap(([key, value]) => {
      const generation = PARAM.exec(key)?.[1];
      return generation === undefined ? [] : [{ generation: Number(generation), ...this.#parse(key, value) }];
    });
    return entries.sort((a, b) => a.generation - b.generation);
  }

  /**
   * Makes a version the champion of the generation after `current`. The ledger is made at first use; all callers, also
   * concurrent ones, get the same.
   *
   * @param current the newest entry that the caller has seen, or undefined when there was none
   * @throws PROMOTION_CONFLICT when another caller took that generation
   */
  async append(claim: ChampionClaim, current: LedgerEntry | undefined): Promise<LedgerEntry> {
    this.#runId ??=
      (await findRun(this.#client, this.#model)) ?? (await createRun(this.#client, this.#model));
    const generation = (current?.generation ?? 0) + 1;
    const key = `champion.${generation}`;
    const text = JSON.stringify({ ...claim, id: randomUUID() });
    let failure: MlflowError | undefined;
    try {
      await this.#client.runs.logParam(this.#runId, key, text);
    } catch (error) {
      if (!(error instanceof MlflowError) || error.kind === 'invalid-argument') throw error;
      failure = error; // what counts is what was written: an answer may be lost
    }
    const written = (await this.#params())[key];
    if (written === text) return { generation, ...claim };
    if (written === undefined) throw failure ?? this.#broken(`accepted ${key} and does not have it`);
    const winner = this.#parse(key, written);
    throw new AssayError(
      'PROMOTION_CONFLICT',
      `Another promotion of ${this.#model} won: version ${winner.version} is champion number ${generation}. Fix: look at it, then promote again if version ${claim.version} should replace it.`,
      { cause: failure, details: { model: this.#model, generation } },
    );
  }

  async #params(): Promise<Record<string, string>> {
    this.#runId ??= await findRun(this.#client, this.#model);
    return this.#runId === undefined ? {} : (await this.#client.runs.get(this.#runId)).data.params;
  }

  #parse(key: string, value: string): ChampionClaim {
    try {
      return claimSchema.parse(JSON.parse(value));
    } catch (error) {
      throw this.#broken(`has a param ${key} that assay did not write`, error);
    }
  }

  #broken(what: string, cause?: unknown): AssayError {
    return new AssayError(
      'MLFLOW_REJECTED',
      `The ledger of ${this.#model}, run ${this.#runId}, ${what}. Fix: check the server's database; to begin a new ledger, delete the experiment ${pointerName(this.#model)} for good.`,
      { cause, details: { model: this.#model } },
    );
  }
}

/** The pointer is an experiment: its creation is create-only and sets its tag in the same step. */
const pointerName = (model: string): string => `${LEDGERS_EXPERIMENT}/${model}`;

async function findRun(client: MlflowClient, model: string): Promise<string | undefined> {
  try {
    const pointer = await client.experiments.getByName(pointerName(model));
    return pointer?.tags[TAGS.ledgerRun];
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function createRun(client: MlflowClient, model: string): Promise<string> {
  const experiment = await client.experiments.getOrCreate(LEDGERS_EXPERIMENT);
  const run = await client.runs.create({
    experimentId: experiment.experimentId,
    runName: `champions of ${model}`,
  });
  try {
    await client.experiments.create(pointerName(model), { tags: { [TAGS.ledgerRun]: run.info.runId } });
    return run.info.runId;
  } catch (error) {
    if (!isExisting(error)) throw error;
  }
  const winner = await findRun(client, model);
  if (winner !== undefined) return winner;
  throw new AssayError(
    'MLFLOW_REJECTED',
    `The experiment ${pointerName(model)} exists but names no ledger. Fix: delete it for good, or set its tag ${TAGS.ledgerRun}.`,
  );
}
