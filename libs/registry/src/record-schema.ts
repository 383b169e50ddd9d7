import { textFieldsOf, type PipelineConfig } from '@assay/config';
import type { Preprocessor } from '@assay/preprocess';
import type { RecordSchema } from './bundle-schemas.js';

/**
 * What a record of this pipeline may hold, for checking requests before they reach the engine.
 *
 * @param preprocessor whose ids are limited
 */
export function recordSchemaOf(
  { data, preprocess }: PipelineConfig,
  { vocabularySize, categorySizes }: Pick<Preprocessor, 'vocabularySize' | 'categorySizes'>,
): RecordSchema {
  const idLimits: RecordSchema['idLimits'] = {};
  if (preprocess.text !== undefined) idLimits['token_BL'] = [vocabularySize];
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
