import { constants } from 'node:buffer';
import { AssayError, createLogger, throwIfInterrupted, type Logger } from '@assay/core';
import { pull } from '@assay/registry';
import type { FastifyInstance } from 'fastify';
import type { MlflowClient } from 'mlflow-client-ts';
import { createService } from './create-service.js';
import { listenError } from './listen-error.js';
import { loadModel, type LoadOptions } from './load-model.js';
import type { ModelSlot } from './served-model.js';

/** A model of the registry, pulled into a cache, or a bundle that lies here. */
export type ModelSource = { client: MlflowClient; uri: string; cacheDir: string } | { bundleDir: string };

export interface StartOptions {
  source: ModelSource;
  host: string;
  /** 0: any free port. */
  port: number;
  /** Largest request body in bytes. */
  maxBodyBytes: number;
  /** Most records in one call of the model, and in one request. */
  maxBatch: number;
  logger?: Logger;
  /** When it aborts, loading ends before its next step; a service that runs answers what it has begun and closes. */
  signal?: AbortSignal;
}

export interface RunningService {
  /** Address with the port that is really used. */
  url: string;
  model: { name: string; version: string; manifestDigest: string };
  /** Stops accepting, gives what was begun a few seconds to be answered, unloads the model. May be called twice. */
  close(): Promise<void>;
  /** Settles when the service has closed, whoever closed it. */
  closed: Promise<void>;
}

/**
 * Serves a model over HTTP. The port is taken first, so that probes see `live` but not `ready` while the model loads.
 *
 * @returns when the service is ready
 * @throws USAGE naming the option that is out of range, or the host or port on which this process may not listen
 * @throws PORT_IN_USE when another process has the port
 * @throws INTERRUPTED when the signal aborts before the service is ready; nothing keeps running
 * @throws BUNDLE_CORRUPT, FILE_CORRUPT, GOLDEN_MISMATCH, MODEL_NOT_FOUND, MLFLOW_UNREACHABLE when there is no sound model
 */
export async function startService(options: StartOptions): Promise<RunningService> {
  const { logger = createLogger('serving'), maxBodyBytes, signal } = options;
  assertInRange(options);
  throwIfInterrupted(signal);
  const slot: ModelSlot = { current: undefined };
  const service = createService({ slot, logger, maxBodyBytes });
  const url = await listen(service, options);
  let unload = (): Promise<void> => Promise.resolve();
  let closing: Promise<void> | undefined;
  const { promise: closed, settle } = settledLater();
  const close = (): Promise<void> =>
    (closing ??= service
      .close()
      .then(() => unload())
      .finally(settle));
  try {
    const { model, dispose } = await loadModel(await bundleOf(options));
    unload = dispose;
    throwIfInterrupted(signal);
    slot.current = model;
    const { name, version, manifestDigest } = model;
    logger.info({ url, model: name, version, manifestDigest }, 'ready'); // `name` is the logger's own
    signal?.addEventListener(
      'abort',
      () => {
        logger.info('stopping');
        close().catch((error: unknown) => logger.error({ err: error }, 'closing failed'));
      },
      { once: true },
    );
    return { url, model: { name, version, manifestDigest }, close, closed };
  } catch (error) {
    await close();
    throw error;
  }
}

async function bundleOf({ source, maxBatch, signal }: StartOptions): Promise<LoadOptions> {
  if ('bundleDir' in source) return { bundleDir: source.bundleDir, maxBatch, signal };
  const { dir, name, version, manifestDigest } = await pull(source);
  return { bundleDir: dir, manifestDigest, name, version, maxBatch, signal };
}

async function listen(service: FastifyInstance, { host, port }: StartOptions): Promise<string> {
  try {
    return await service.listen({ host, port });
  } catch (error) {
    await service.close();
    throw listenError(error, { host, port });
  }
}

/** V8 holds no longer string, and a body becomes one. */
const { MAX_STRING_LENGTH } = constants;

const RANGES = {
  port: [0, 65_535],
  maxBodyBytes: [1024, MAX_STRING_LENGTH],
  maxBatch: [1, 4096],
} as const satisfies Partial<Record<keyof StartOptions, readonly [number, number]>>;

function assertInRange(options: StartOptions): void {
  for (const name of Object.keys(RANGES) as (keyof typeof RANGES)[]) {
    const [low, high] = RANGES[name];
    const value = options[name];
    if (Number.isInteger(value) && value >= low && value <= high) continue;
    throw new AssayError(
      'USAGE',
      `${name} is ${value}; expected a whole number from ${low} to ${high}. Fix: change it.`,
      { details: { option: name } },
    );
  }
}

function settledLater(): { promise: Promise<void>; settle: () => void } {
  let settle = (): void => undefined;
  const promise = new Promise<void>((resolve) => (settle = resolve));
  return { promise, settle };
}
