import type { InputSpec, ModelDefinition, Tensors } from '@assay/graph';
import { INFERENCE, LOSSES, type Model } from '@assay/models';
import type { InputSpecs } from '@assay/preprocess';
import { tf } from '@assay/tensorflow';

/**
 * A model with what training minimises: the mean loss of the whole model, and that of each modality's own head.
 *
 * Metrics: `lossMean` and `lossWeight` of the whole model. Output, when not training: `score_BK`, logits for yes/no
 * questions and probabilities for classes (logits of different records of a multi-class model are not comparable).
 *
 * @param hasVaryingLength whether batches differ in the number of tokens
 */
export function modelDefinition(model: Model, hasVaryingLength = false): ModelDefinition {
  const { kind, names } = model.architecture.labels;
  const lossOf = LOSSES[kind];
  const perClass: InputSpec = { dtype: 'float32', shape: ['B', names.length] };
  return {
    parameters: model.parameters,
    inputs: inputsOf(model.inputs, hasVaryingLength),
    targets: { label_BK: perClass, weight_BK: perClass },
    loss: (values, batch, context) => {
      const { label_BK, weight_BK } = batch as Targets; // declared above
      if (!context.training) {
        const { logit_BK } = model.forward(values, batch, INFERENCE);
        const { mean, weight } = lossOf(logit_BK, label_BK, weight_BK);
        const score_BK = kind === 'multi-class' ? tf.softmax(logit_BK) : logit_BK;
        return { loss: mean, metrics: { lossMean: mean, lossWeight: weight }, outputs: { score_BK } };
      }
      const { logit_BK, modalities } = model.trainingLogits(values, batch, context);
      const own = modalities.map(
        (modality) => lossOf(modality.logit_BK, label_BK, weight_BK.mul(modality.present_B1)).mean,
      );
      const { mean, weight } = lossOf(logit_BK, label_BK, weight_BK);
      return { loss: tf.addN([mean, ...own]), metrics: { lossMean: mean, lossWeight: weight } };
    },
  };
}

type Targets = Tensors & { label_BK: tf.Tensor2D; weight_BK: tf.Tensor2D };

/** Inputs with an axis of tokens. */
const TOKENS: ReadonlySet<string> = new Set(['token_BL', 'mask_BL']);

const inputsOf = (specs: InputSpecs, hasVaryingLength: boolean): Record<string, InputSpec> =>
  Object.fromEntries(
    Object.entries(specs).map(([name, { dtype, shape }]) => [
      name,
      { dtype, shape: hasVaryingLength && TOKENS.has(name) ? ['B', 'L'] : ['B', ...shape] },
    ]),
  );
