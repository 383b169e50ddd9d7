import { textFieldsOf, type PipelineConfig } from '@assay/config';
import type { RecordSchema } from './bundle-schemas.js';

/**
 * What a record of this pipeline may hold, for checking requests before they reach the engine.
 *
 * @param categorySizes size of the vocabulary of each categorical column, in the order of the axis C of `category_BC`
 */
export function recordSchemaOf(
  { data, preprocess }: PipelineConfig,
  categorySizes: readonly number[],
): RecordSchema {
  const idLimits: RecordSchema['idLimits'] = {};
  if (preprocess.text !== undefined) idLimits['token_BL'] = [preprocess.text.buckets];
  if (categorySizes.length > 0) idLimits['category_BC'] = [...categorySizes];
  return {
    schemaVersion: 1,
    text: textFieldsOf(data),
    numeric: data.columns.numeric,
    categorical: data.columns.categorical,
    maxImages: preprocess.image?.maxImages ?? 0,
    idLimits,
  };
}
