import { z } from 'zod';
import { pipelineSchema } from './pipeline-config.js';

/** JSON Schema (draft 2020-12) of a pipeline file, so that editors complete and check it. */
export function pipelineJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(pipelineSchema, { io: 'input', unrepresentable: 'any' });
  return { ...schema, title: 'assay pipeline' };
}
