import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256OfBytes } from '@assay/core';
import type { MetricPoint, MlflowClient, RunInfo } from 'mlflow-client-ts';
import { TAGS } from './tag-names.js';
import type { VerifiedBundle } from './verified-bundle.js';

/** Figures of one epoch, by name. */
export interface EpochMetrics {
  /** From 1. */
  epoch: number;
  metrics: Record<string, number>;
}

export interface RunOptions {
  client: MlflowClient;
  /** MLflow experiment; default: the name of the pipeline. */
  experiment?: string;
  /** Figures of each epoch, drawn as curves. */
  history?: readonly EpochMetrics[];
  /** Figures of the test split, by name. */
  metrics?: Record<string, number>;
  /** Who publishes; becomes `mlflow.user`. */
  actor?: string;
}

export interface PublishedRun {
  runId: string;
  experimentId: string;
}

/**
 * Writes the run that made a bundle: parameters, curves, test figures, report, data digest.
 * A run that an earlier, killed publish of the same bundle left is completed; every write may be repeated.
 */
export async function publishRun(options: RunOptions, bundle: VerifiedBundle): Promise<PublishedRun> {
  const { client, experiment = bundle.lineage.pipeline } = options;
  const { experimentId } = await client.experiments.getOrCreate(experiment);
  const { runId, startTime, artifactUri } = await findOrCreateRun(options, bundle, experimentId);
  await client.runs.logBatch(runId, {
    params: Object.entries(flattenConfig(bundle.lineage.config)).map(([key, value]) => ({ key, value })),
    metrics: metricPoints(options, startTime),
  });
  await logData(client, runId, bundle);
  await client.artifacts.uploadFile(artifactUri, join(bundle.dir, 'evaluation/report.html'), 'report.html');
  return { runId, experimentId };
}

async function findOrCreateRun(
  { client, actor }: RunOptions,
  bundle: VerifiedBundle,
  experimentId: string,
): Promise<RunInfo> {
  const filter = `tags.\`${TAGS.manifestDigest}\` = '${bundle.manifestDigest}'`;
  for await (const { info } of client.runs.search({ experimentIds: [experimentId], filter })) return info;
  const { info } = await client.runs.create({
    experimentId,
    runName: `${bundle.lineage.pipeline}-${bundle.manifestDigest.slice(0, 8)}`,
    tags: { [TAGS.manifestDigest]: bundle.manifestDigest, ...sourceTags(bundle, actor) },
  });
  return info;
}

/** Tags that MLflow's user interface shows, on runs and on models. */
export function sourceTags(
  { dir, lineage }: VerifiedBundle,
  actor: string | undefined,
): Record<string, string> {
  const { commit, dirty } = lineage.git;
  return {
    [TAGS.pipeline]: lineage.pipeline,
    'mlflow.note.content': readFileSync(join(dir, 'model-card.md'), 'utf8').slice(0, 8000), // MLflow cuts longer tags
    'mlflow.source.type': 'LOCAL',
    'mlflow.source.name': 'assay',
    ...(actor === undefined ? {} : { 'mlflow.user': actor }),
    ...(commit === null ? {} : { 'mlflow.source.git.commit': commit }),
    ...(dirty === null ? {} : { 'mlflow.source.git.dirty': String(dirty) }),
  };
}

/** Names the prepared data by the digest of their manifest; MLflow takes 36 characters of it. */
async function logData(client: MlflowClient, runId: string, { lineage }: VerifiedBundle): Promise<void> {
  const digest = lineage.stages['prepare']?.digest;
  if (digest === undefined) return;
  const dataset = {
    name: lineage.pipeline,
    digest: digest.slice(0, 36),
    sourceType: 'assay',
    source: JSON.stringify({ manifest_sha256: digest }),
  };
  await client.runs.logInputs(runId, {
    datasets: [{ dataset, tags: { 'mlflow.data.context': 'training' } }],
  });
}

/** Points whose times do not depend on the clock of this call, so that writing them twice changes nothing. */
function metricPoints({ history = [], metrics = {} }: RunOptions, startTime: number): MetricPoint[] {
  const point = (key: string, value: number, step: number): MetricPoint => ({
    key,
    value,
    step,
    timestamp: startTime + step,
  });
  const curves = history.flatMap((row) =>
    Object.entries(row.metrics).map(([key, value]) => point(key, value, row.epoch)),
  );
  return [...curves, ...Object.entries(metrics).map(([key, value]) => point(key, value, 0))];
}

/**
 * Paths and values of a config as MLflow params: `train.batchSize` → `64`.
 *
 * @returns texts of at most 6000 characters, MLflow's limit; lists are JSON
 */
export function flattenConfig(value: unknown, path = ''): Record<string, string> {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
    return Object.assign(
      {},
      ...Object.entries(value).map(([key, member]) =>
        flattenConfig(member, path === '' ? key : `${path}.${key}`),
      ),
    ) as Record<string, string>;
  }
  if (value === undefined) return {};
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return { [paramName(path)]: text.slice(0, 6000) };
}

const MAX_PARAM_NAME = 250;

/** A path in MLflow's letters; what is changed or cut gets a digest, so that two paths never share a name. */
function paramName(path: string): string {
  const name = path.replaceAll(/[^/\w.\- :]/g, '_');
  if (name === path && path.length <= MAX_PARAM_NAME) return path;
  const digest = sha256OfBytes(path).slice(0, 8);
  return `${name.slice(0, MAX_PARAM_NAME - 1 - digest.length)}.${digest}`;
}
