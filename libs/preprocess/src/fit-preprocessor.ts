import type { DataConfig, PreprocessConfig } from '@assay/config';
import { CategoryFit } from './category-vocabulary.js';
import { NumericFit } from './numeric-scaler.js';
import { Preprocessor, type PreprocessorOptions } from './preprocessor.js';
import type { FittedState } from './preprocessor-state.js';
import { encodeProbe } from './probe.js';
import type { ContentRecord } from './record.js';

export interface FitConfig {
  preprocess: PreprocessConfig;
  data: {
    columns: Pick<DataConfig['columns'], 'numeric' | 'categorical'>;
    maxImagePixels: number;
  };
}

/**
 * Learns ranges and vocabularies from records in one pass. Give it the training split only: what it learns from other
 * splits would leak.
 *
 * @param config a pipeline config, or the parts of one that it reads
 * @param records their images are not looked at
 */
export async function fitPreprocessor(
  config: FitConfig,
  records: AsyncIterable<Pick<ContentRecord, 'numeric' | 'categorical'>>,
  options: PreprocessorOptions = {},
): Promise<Preprocessor> {
  const { preprocess, data } = config;
  const numeric = data.columns.numeric.map((name) => new NumericFit(name, preprocess.numeric.scaling));
  const categorical = data.columns.categorical.map((name) => new CategoryFit(name));
  for await (const record of records) {
    for (const column of numeric) column.add(record.numeric[column.name]);
    for (const column of categorical) column.add(record.categorical[column.name]);
  }
  const fitted: FittedState = {
    kind: 'assay-preprocessor',
    schemaVersion: 2,
    text: preprocess.text === undefined ? null : { ...preprocess.text, hash: 'fnv1a-32' },
    image:
      preprocess.image === undefined
        ? null
        : { ...preprocess.image, maxImagePixels: data.maxImagePixels, kernel: 'lanczos3' },
    numeric: { scaling: preprocess.numeric.scaling, columns: numeric.map((column) => column.finish()) },
    categorical: { columns: categorical.map((column) => column.finish()) },
  };
  return new Preprocessor({ ...fitted, probe: await encodeProbe(fitted) }, options);
}
