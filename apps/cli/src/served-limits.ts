import type { PullOptions } from '@assay/registry';

interface Limits {
  maxBodyBytes: number;
  maxBatch: number;
}

/**
 * The limits of a service: what the command line says, else what the pipeline said that made the model.
 *
 * @returns the limits, and the source with the version that they belong to, since an alias may move meanwhile
 * @throws as `pull`
 */
export async function servedLimits(
  source: PullOptions,
  { maxBodyBytes, maxBatch }: { [K in keyof Limits]: Limits[K] | undefined },
): Promise<Limits & { source: PullOptions }> {
  if (maxBodyBytes !== undefined && maxBatch !== undefined) return { source, maxBodyBytes, maxBatch };
  const { openBundle, pull } = await import('@assay/registry');
  const { serveConfigOf } = await import('@assay/config');
  const { dir, name, version, manifestDigest } = await pull(source);
  const serve = serveConfigOf((await openBundle(dir, manifestDigest)).lineage.config);
  return {
    source: { ...source, uri: `models:/${name}/${version}` },
    maxBodyBytes: maxBodyBytes ?? serve.maxBodyBytes,
    maxBatch: maxBatch ?? serve.maxBatch,
  };
}
