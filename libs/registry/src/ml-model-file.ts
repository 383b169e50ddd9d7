import { stringify } from 'yaml';

interface TensorSignature {
  dtype: 'float32' | 'int32';
  /** All axes; -1 is any size. */
  shape: readonly number[];
}

export interface MlModelFacts {
  /** Name of the pipeline. */
  pipeline: string;
  /** Inputs of the saved model's `serving_default`, by name. */
  inputs: Record<string, TensorSignature>;
  outputs: Record<string, TensorSignature>;
  bundleSchemaVersion: number;
}

/**
 * Text of the `MLmodel` file of a bundle. It holds no ids and no time of day, so that equal models give equal bytes;
 * the registry knows which run and version a bundle belongs to.
 *
 * @returns YAML with the flavours `tensorflow` (loadable by `mlflow.tensorflow.load_model`) and `assay`;
 *   the signature's members are JSON strings, which the user interface of MLflow requires
 */
export function mlModelText({ pipeline, inputs, outputs, bundleSchemaVersion }: MlModelFacts): string {
  return stringify(
    {
      artifact_path: 'model',
      flavors: {
        tensorflow: { model_type: 'tf2-module', saved_model_dir: 'saved_model', code: null },
        assay: { schema_version: bundleSchemaVersion, pipeline, data: '.' },
      },
      signature: { inputs: tensorSpecs(inputs), outputs: tensorSpecs(outputs), params: null },
    },
    { lineWidth: 0 },
  );
}

function tensorSpecs(tensors: Record<string, TensorSignature>): string {
  const specs = Object.entries(tensors).map(([name, { dtype, shape }]) => ({
    type: 'tensor',
    name,
    'tensor-spec': { dtype, shape },
  }));
  return JSON.stringify(specs);
}
