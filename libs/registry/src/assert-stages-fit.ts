import { stageSections, type PipelineConfig } from '@assay/config';
import { assertStageMatches } from '@assay/core';

/** Directories of the finished stages. */
export interface StageDirs {
  prepare: string;
  train: string;
  evaluate: string;
}

/**
 * Checks that the stages belong together: each was made from the very outputs that lie beside it, with this config.
 * Without it the verdict on an older model would count for a newer one.
 *
 * @throws STAGE_STALE naming the first stage that has to run again
 * @throws STAGE_INPUT_MISSING when a stage has not run
 */
export async function assertStagesFit(
  config: PipelineConfig,
  { prepare, train, evaluate }: StageDirs,
): Promise<void> {
  const sections = stageSections(config);
  await assertStageMatches(prepare, { sections });
  await assertStageMatches(train, { sections, inputs: { prepare } });
  await assertStageMatches(evaluate, { sections, inputs: { prepare, train } });
}
