import type { LoadedConfig } from '@assay/config';
import type { ProgressMode } from '@assay/core';

export interface PrepareStageOptions {
  loaded: LoadedConfig;
  /** Directory that the prepared data are written to. */
  dir: string;
  /** Goes on when a group lies in several splits; `summary.leaky` then says so. */
  allowLeak?: boolean;
  /** Prepares although `dir` holds the result already. */
  force?: boolean;
  signal?: AbortSignal;
  progress?: ProgressMode;
}
