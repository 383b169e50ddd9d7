import type { StepContext } from '@assay/graph';

/** What a model may ask for beside its tensors: whether it trains, and dropout. */
export type ForwardContext = Pick<StepContext, 'training' | 'dropout'>;

/** The context in which nothing is dropped. */
export const INFERENCE: ForwardContext = { training: false, dropout: (x) => x };
