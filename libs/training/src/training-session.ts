import type { TrainConfig } from '@assay/config';
import { AdamW, clipByGlobalNorm } from '@assay/graph';
import { elementWeights, LOSSES, meanLoss, type LabelArrays, type Model } from '@assay/models';
import type { ModelInputs } from '@assay/preprocess';
import { tf } from '@assay/tensorflow';
import { inputTensors } from './batch-tensors.js';
import type { LossSum } from './loss-sum.js';
import type { NamedArrays } from './named-arrays.js';

/** What a step needs of a batch. */
export interface TrainingBatch extends LabelArrays {
  ids: readonly string[];
  inputs: ModelInputs;
}

/** What a step found out before its update. */
export interface StepFigures {
  /** Loss of the whole model, dropout on. */
  loss: LossSum;
  /** What is minimised: the mean of that loss, and of the one of each modality's own head. */
  objective: number;
  /** Global norm of the gradient before clipping. */
  gradientNorm: number;
}

interface SessionOptions {
  model: Model;
  config: Pick<TrainConfig, 'weightDecay' | 'clipNorm'>;
  /** Start values by parameter. */
  initial: Record<string, Float32Array>;
  classWeight_K: readonly number[];
}

/** The weights and the optimiser on the device, and the two things done with them: one step, and prediction. */
export class TrainingSession {
  readonly #model: Model;
  readonly #clipNorm: number;
  readonly #classWeight_K: readonly number[];
  readonly #variables: Record<string, tf.Variable>;
  readonly #optimizer: AdamW;

  constructor({ model, config, initial, classWeight_K }: SessionOptions) {
    this.#model = model;
    this.#clipNorm = config.clipNorm;
    this.#classWeight_K = classWeight_K;
    this.#variables = Object.fromEntries(
      Object.entries(model.parameters).map(([name, { shape }]) => [
        name,
        variableOf(initial[name] ?? new Float32Array(), shape),
      ]),
    );
    this.#optimizer = new AdamW(this.#variables, {
      weightDecay: config.weightDecay,
      decayFilter: (name) => model.parameters[name]?.decay ?? false,
    });
  }

  /**
   * One update of all weights.
   *
   * @param seed int32 values that dropout is drawn from: equal seeds give equal masks
   * @returns figures from before the update; when objective or norm is not finite nothing is updated
   */
  step(batch: TrainingBatch, lr: number, seed: readonly [number, number]): StepFigures {
    return tf.tidy(() => {
      const inputs = inputTensors(this.#model.inputs, batch.inputs);
      const { label_BK, weight_BK } = this.#target(batch);
      const seedTensor = tf.tensor1d([...seed], 'int32');
      const lossOf = LOSSES[this.#kind];
      let loss = { sum: NaN, weight: NaN };
      const { value, grads } = tf.variableGrads(() => {
        const context = { training: true, seed: seedTensor };
        const { logit_BK, modalities } = this.#model.trainingLogits(this.#variables, inputs, context);
        const own = modalities.map((modality) =>
          meanLoss(lossOf(modality.logit_BK, label_BK, weight_BK.mul(modality.present_B1))),
        );
        const whole = lossOf(logit_BK, label_BK, weight_BK);
        loss = { sum: valueOf(whole.sum), weight: valueOf(whole.weight) };
        return tf.addN([meanLoss(whole), ...own]);
      }, Object.values(this.#variables));
      const gradients = Object.fromEntries(
        Object.entries(this.#variables).map(([name, variable]) => [
          name,
          grads[variable.name] ?? tf.zerosLike(variable),
        ]),
      );
      const clipped = clipByGlobalNorm(gradients, this.#clipNorm);
      const figures = { loss, objective: valueOf(value), gradientNorm: valueOf(clipped.norm) };
      if (Number.isFinite(figures.objective) && Number.isFinite(figures.gradientNorm))
        this.#optimizer.step(clipped.gradients, lr);
      return figures;
    });
  }

  /**
   * Scores without dropout: logits for yes/no questions, probabilities for classes (logits of different records of a
   * multi-class model are not comparable).
   *
   * @returns score_BK row-major, and the loss
   */
  predict(batch: TrainingBatch): { score_BK: Float32Array; loss: LossSum } {
    return tf.tidy(() => {
      const { logit_BK } = this.#model.forward(
        this.#variables,
        inputTensors(this.#model.inputs, batch.inputs),
        { training: false },
      );
      const { label_BK, weight_BK } = this.#target(batch);
      const { sum, weight } = LOSSES[this.#kind](logit_BK, label_BK, weight_BK);
      const score_BK = this.#kind === 'multi-class' ? tf.softmax(logit_BK) : logit_BK;
      return {
        score_BK: Float32Array.from(score_BK.dataSync()),
        loss: { sum: valueOf(sum), weight: valueOf(weight) },
      };
    });
  }

  /** A copy of every weight. */
  weights(): NamedArrays {
    return Object.fromEntries(
      Object.entries(this.#variables).map(([name, variable]) => [
        name,
        Float32Array.from(variable.dataSync()),
      ]),
    );
  }

  get optimizer(): AdamW {
    return this.#optimizer;
  }

  dispose(): void {
    this.#optimizer.dispose();
    for (const variable of Object.values(this.#variables)) variable.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  get #kind() {
    return this.#model.architecture.labels.kind;
  }

  #target(batch: TrainingBatch): { label_BK: tf.Tensor2D; weight_BK: tf.Tensor2D } {
    const shape: [number, number] = [batch.ids.length, this.#classWeight_K.length];
    const weights = elementWeights(this.#kind, batch, this.#classWeight_K);
    return { label_BK: tf.tensor2d(batch.label_BK, shape), weight_BK: tf.tensor2d(weights, shape) };
  }
}

const valueOf = (scalar: tf.Tensor): number => scalar.dataSync()[0] ?? NaN;

function variableOf(values: Float32Array, shape: readonly number[]): tf.Variable {
  const tensor = tf.tensor(values, [...shape]);
  const variable = tf.variable(tensor);
  tensor.dispose();
  return variable;
}
