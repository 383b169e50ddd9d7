export { AssayError, systemCodeOf } from './assay-error.js';
export { ERROR_CODES, EXIT, type AssayErrorCode } from './error-codes.js';
export { canonicalJson } from './canonical-json.js';
export { sha256OfBytes, sha256OfFile, sha256OfJson, sha256OfStrings } from './hashing.js';
export {
  writeFileAtomic,
  writeJsonAtomic,
  readJson,
  withAtomicDirectory,
  sweepAbandoned,
  asDiskError,
  type Replaceable,
} from './atomic-files.js';
export { editDistance, nearest } from './nearest.js';
export { withFileLock } from './file-lock.js';
export {
  MANIFEST_FILE,
  listFiles,
  readManifest,
  verifyManifest,
  type Manifest,
  type ManifestFile,
} from './manifest.js';
export { isAlive, ownIdentity, processStartTime } from './process-identity.js';
export { Random } from './random.js';
export { createProgress, type Progress, type ProgressOptions, type ProgressMode } from './progress.js';
export { createLogger, type Logger } from './logger.js';
export { onInterrupt, throwIfInterrupted } from './interrupt.js';
export { runStage, type StageContext, type StageDefinition, type StageResult } from './stage.js';
export { assertStageMatches, type ExpectedOrigin } from './assert-stage-matches.js';
export { codeVersionOf } from './code-version.js';
export { describeRunEnvironment, type RunEnvironment } from './run-environment.js';
