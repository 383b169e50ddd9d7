import type { DataConfig, PreprocessConfig } from '@assay/config';
import { CategoryFit } from './category-vocabulary.js';
import { NumericFit } from './numeric-scaler.js';
import { Preprocessor, type PreprocessorOptions } from './preprocessor.js';
import { SCHEMA_VERSION, type FittedState } from './preprocessor-state.js';
import { encodeProbe } from './probe.js';
import type { ContentRecord } from './record.js';
import { createTextFit } from './text-fit.js';

export interface FitConfig {
  preprocess: PreprocessConfig;
  data: {
    columns: Pick<DataConfig['columns'], 'numeric' | 'categorical'>;
    maxImagePixels: number;
  };
}

export interface FitOptions extends PreprocessorOptions {
  /** Folder that files of the config are relative to. Default: the working directory. */
  dataRoot?: string;
}

/**
 * Learns ranges and vocabularies from records in one pass. Give it the training split only: what it learns from other
 * splits would leak.
 *
 * @param config a pipeline config, or the parts of one that it reads
 * @param records their images are not looked at
 * @throws FILE_NOT_FOUND, FILE_CORRUPT or CONFIG_INVALID when a file that the config names is missing, another one, or
 *   cannot be used
 * @throws DATA_EMPTY when there is no word to learn a vocabulary from
 */
export async function fitPreprocessor(
  config: FitConfig,
  records: AsyncIterable<Pick<ContentRecord, 'text' | 'numeric' | 'categorical'>>,
  { dataRoot = '.', ...options }: FitOptions = {},
): Promise<Preprocessor> {
  const { preprocess, data } = config;
  const text = preprocess.text === undefined ? undefined : await createTextFit(preprocess.text, dataRoot);
  const numeric = data.columns.numeric.map((name) => new NumericFit(name, preprocess.numeric));
  const categorical = data.columns.categorical.map((name) => new CategoryFit(name, preprocess.categorical));
  for await (const record of records) {
    text?.add(record.text);
    for (const column of numeric) column.add(record.numeric[column.name]);
    for (const column of categorical) column.add(record.categorical[column.name]);
  }
  const { image } = preprocess;
  const fitted: FittedState = {
    kind: 'assay-preprocessor',
    schemaVersion: SCHEMA_VERSION,
    text: text?.finish() ?? null,
    image: image === undefined ? null : { ...image, maxImagePixels: data.maxImagePixels },
    numeric: { columns: numeric.map((column) => column.finish()) },
    categorical: { columns: categorical.map((column) => column.finish()) },
  };
  return new Preprocessor({ ...fitted, probe: await encodeProbe(fitted) }, options);
}
