import type { PipelineConfig } from './pipeline-config.js';

/**
 * The parts of a pipeline that stages keep in their manifests, by the names that they have there. Where the data lie is
 * no part: it does not change what they are.
 */
export function stageSections(config: PipelineConfig): Record<string, unknown> {
  const { root: _root, ...data } = config.data;
  return { ...config, data, policyVersions: config.publish.policyVersions };
}
