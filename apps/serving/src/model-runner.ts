import type { ModelInputs } from '@assay/preprocess';
import type { ModelOutput } from '@assay/registry';

/**
 * One loaded replica of a model. The service knows only this, so that a replica in a child process
 * can take the place of the one in this process.
 */
export interface ModelRunner {
  /**
   * @param inputs encoded records, B rows each
   * @returns the outputs by name, each with B rows
   */
  infer(inputs: ModelInputs): Promise<Record<string, ModelOutput>>;
  dispose(): Promise<void>;
}
