import { AssayError, createLogger, systemCodeOf, throwIfInterrupted, type Logger } from '@assay/core';
import { pull } from '@assay/registry';
import type { FastifyInstance } from 'fastify';
import type { MlflowClient } from 'mlflow-client-ts';
import { createService } from './create-service.js';
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
  /** When it aborts, the service answers what it has begun and closes. */
  signal?: AbortSignal;
}

export interface RunningService {
  /** Address with the port that is really used. */
  url: string;
  model: { name: string; version: string; manifestDigest: string };
  /** Stops accepting, answers what was begun, unloads the model. May be called twice. */
  close(): Promise<void>;
  /** Settles when the service has closed, whoever closed it. */
  closed: Promise<void>;
}

/**
 * Serves a model over HTTP. The port is taken first, so that probes see `live` but not `ready` while the model loads.
 *
 * @returns when the service is ready
 * @throws PORT_IN_USE when another process has the port
 * @throws BUNDLE_CORRUPT, GOLDEN_MISMATCH, MODEL_NOT_FOUND, MLFLOW_UNREACHABLE when there is no sound model
 */
export async function startService(options: StartOptions): Promise<RunningService> {
  const { logger = createLogger('serving'), maxBodyBytes, signal } = options;
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
    logger.info({ url, name, version, manifestDigest }, 'ready');
    signal?.addEventListener(
      'abort',
      () => void close().catch((error: unknown) => logger.error({ err: error }, 'closing failed')),
      { once: true },
    );
    return { url, model: { name, version, manifestDigest }, close, closed };
  } catch (error) {
    await close();
    throw error;
  }
}

async function bundleOf({ source, maxBatch }: StartOptions): Promise<LoadOptions> {
  if ('bundleDir' in source) return { bundleDir: source.bundleDir, maxBatch };
  const { dir, name, version, manifestDigest } = await pull(source);
  return { bundleDir: dir, manifestDigest, name, version, maxBatch };
}

async function listen(service: FastifyInstance, { host, port }: StartOptions): Promise<string> {
  try {
    return await service.listen({ host, port });
  } catch (error) {
    await service.close();
    if (systemCodeOf(error) !== 'EADDRINUSE') throw error;
    throw new AssayError(
      'PORT_IN_USE',
      `Port ${port} of ${host} is taken by another process. Fix: stop it, or serve on another port (--port 0 takes any free one).`,
      {
        cause: error,
        details: { host, port },
      },
    );
  }
}

function settledLater(): { promise: Promise<void>; settle: () => void } {
  let settle = (): void => undefined;
  const promise = new Promise<void>((resolve) => (settle = resolve));
  return { promise, settle };
}
