export { assembleBundle, type AssembledBundle, type AssembleOptions } from './assemble-bundle.js';
export {
  BUNDLE_MANIFEST_FILE,
  readBundleManifest,
  verifyBundle,
  type BundleManifest,
} from './bundle-manifest.js';
export type { Labels, Lineage, RecordSchema, Verdict } from './bundle-schemas.js';
export { GOLDEN_TOLERANCE, replayGolden, type Infer, type ModelOutput } from './golden.js';
export { concatenateInputs, countRows, takeRow } from './input-rows.js';
export { openBundle, type OpenBundle } from './open-bundle.js';
export { promote, rollback, type PromoteOptions, type Promotion } from './promote.js';
export { publish, type Published, type PublishOptions } from './publish.js';
export type { EpochMetrics } from './publish-run.js';
export { pull, type PulledBundle, type PullOptions } from './pull.js';
export { talkingToMlflow } from './registry-errors.js';
export { inferWith } from './saved-model-inference.js';
export { ALIASES, TAGS } from './tag-names.js';
