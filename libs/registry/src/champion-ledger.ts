import { randomUUID } from 'node:crypto';
import { AssayError } from '@assay/core';
import type { MlflowClient } from 'mlflow-client-ts';
import { isExisting, isMissing } from './registry-errors.js';
import { TAGS } from './tag-names.js';

const LEDGERS_EXPERIMENT = 'assay-ledgers';
const PARAM = /^champion\.(\d+)$/;

export interface LedgerEntry {
  /** 1 for the first champion; each move adds one. */
  generation: number;
  version: string;
}

/**
 * The history of a model's champions, in the params of one run. MLflow never changes a param once written, so writing
 * `champion.<generation>` is a compare-and-swap: of several writers for one generation, exactly one succeeds.
 */
export class ChampionLedger {
  readonly #client: MlflowClient;
  readonly #model: string;
  readonly #runId: string;

  private constructor(client: MlflowClient, model: string, runId: string) {
    this.#client = client;
    this.#model = model;
    this.#runId = runId;
  }

  /** Opens the ledger of a registered model; makes it at first use. All callers, also concurrent ones, get the same. */
  static async open(client: MlflowClient, model: string): Promise<ChampionLedger> {
    return new ChampionLedger(
      client,
      model,
      (await findRun(client, model)) ?? (await createRun(client, model)),
    );
  }

  /** All champions so far, oldest first. */
  async entries(): Promise<LedgerEntry[]> {
    const run = await this.#client.runs.get(this.#runId);
    const entries = Object.entries(run.data.params).flatMap(([key, value]) => {
      const match = PARAM.exec(key);
      return match === null
        ? []
        : [{ generation: Number(match[1]), version: value.slice(0, value.indexOf('#')) }];
    });
    return entries.sort((a, b) => a.generation - b.generation);
  }

  /**
   * Makes a version the champion of the generation after `current`.
   *
   * @param current the newest entry that the caller has seen, or undefined when there was none
   * @throws PROMOTION_CONFLICT when another caller took that generation
   */
  async append(version: string, current: LedgerEntry | undefined): Promise<LedgerEntry> {
    const generation = (current?.generation ?? 0) + 1;
    const key = `champion.${generation}`;
    const claim = `${version}#${randomUUID()}`;
    const failure = await this.#client.runs.logParam(this.#runId, key, claim).then(
      () => undefined,
      (error: unknown) => error,
    );
    const written = (await this.#client.runs.get(this.#runId)).data.params[key];
    if (written === claim) return { generation, version };
    if (written === undefined) throw failure;
    throw new AssayError(
      'PROMOTION_CONFLICT',
      `Another promotion of ${this.#model} won: version ${written.slice(0, written.indexOf('#'))} is champion number ${generation}. Fix: look at it, then promote again if version ${version} should replace it.`,
      { cause: failure, details: { model: this.#model, generation } },
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
