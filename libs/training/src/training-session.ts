import type { TrainConfig } from '@assay/config';
import { compile, type Batch, type Program } from '@assay/graph';
import { elementWeights, type LabelArrays, type Model } from '@assay/models';
import { pickInputs, type ModelInputs } from '@assay/preprocess';
import type { LossSum } from './loss-sum.js';
import { modelDefinition } from './model-definition.js';
import type { NamedArrays } from './named-arrays.js';

/** What a step needs of a batch. */
export interface StepBatch extends LabelArrays {
  inputs: ModelInputs;
  /** Number of records: the size of the axis B. */
  size: number;
}

/** A batch whose records have names. */
export interface TrainingBatch extends StepBatch {
  readonly ids: readonly string[];
}

interface SessionOptions {
  model: Model;
  config: Pick<TrainConfig, 'weightDecay' | 'clipNorm'>;
  /** Start values by parameter. */
  initial: NamedArrays;
  classWeight_K: readonly number[];
  /** Dropout is drawn from it. */
  seed: number;
  /** Whether batches differ in the number of tokens. Default false. */
  hasVaryingLength?: boolean;
}

const OPTIMIZER_PREFIX = 'optimizer/';

/** The weights and the optimiser in the engine, and the two things done with them: one step, and prediction. */
export class TrainingSession {
  readonly #model: Model;
  readonly #classWeight_K: readonly number[];
  readonly #program: Program;

  constructor({ model, config, initial, classWeight_K, seed, hasVaryingLength = false }: SessionOptions) {
    this.#model = model;
    this.#classWeight_K = classWeight_K;
    this.#program = compile(modelDefinition(model, hasVaryingLength), {
      optimizer: { kind: 'adamw', weightDecay: config.weightDecay },
      clipNorm: config.clipNorm,
      initial,
      seed,
    });
  }

  /**
   * One update of all weights.
   *
   * @param step from 1: equal seeds and steps drop the same units
   * @returns loss of the whole model before the update, dropout on
   * @throws NON_FINITE when the loss or the gradient is not finite; nothing is updated then
   */
  step(batch: StepBatch, lr: number, step: number): LossSum {
    const { metrics } = this.#program.step(this.#batchOf(batch), { learningRate: lr, step });
    return lossOf(metrics);
  }

  /**
   * Scores without dropout: logits for yes/no questions, probabilities for classes.
   *
   * @returns score_BK row-major, and the loss
   */
  predict(batch: StepBatch): { score_BK: Float32Array; loss: LossSum } {
    const { metrics, outputs } = this.#program.evaluate(this.#batchOf(batch));
    return { score_BK: outputs['score_BK']?.data as Float32Array, loss: lossOf(metrics) }; // float32 by definition
  }

  /** A copy of every weight. */
  weights(): NamedArrays {
    return this.#read(Object.keys(this.#model.parameters));
  }

  /** A copy of what the optimiser keeps: two moments for each parameter. */
  optimizerState(): NamedArrays {
    return this.#read(this.#program.variableNames.filter((name) => name.startsWith(OPTIMIZER_PREFIX)));
  }

  /**
   * Goes on with the moments of an earlier session.
   *
   * @throws USAGE, SHAPE_MISMATCH when they belong to another model
   */
  restoreOptimizer(state: NamedArrays): void {
    this.#program.assignVariables(state);
  }

  dispose(): void {
    this.#program.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #read(names: readonly string[]): NamedArrays {
    const variables = this.#program.readVariables(names);
    return Object.fromEntries(Object.entries(variables).map(([name, { data }]) => [name, data]));
  }

  /** What the program takes of a batch. */
  #batchOf(batch: StepBatch): Batch {
    const shape = [batch.size, this.#classWeight_K.length];
    const weights = elementWeights(this.#model.architecture.labels.kind, batch, this.#classWeight_K);
    return {
      ...pickInputs(this.#model.inputs, batch.inputs),
      label_BK: { dtype: 'float32', shape, data: batch.label_BK },
      weight_BK: { dtype: 'float32', shape, data: weights },
    };
  }
}

const lossOf = ({ lossMean = NaN, lossWeight = NaN }: Readonly<Record<string, number>>): LossSum => ({
  sum: lossMean * lossWeight,
  weight: lossWeight,
});
