import { z } from 'zod';
import { nearest } from './nearest.js';

/** One line for each problem: path, what is wrong, and for an unknown key the nearest known one. */
export function describeIssues(issues: readonly z.core.$ZodIssue[], schema: z.ZodType): string[] {
  return issues.flatMap((issue) => {
    const path = issue.path.map(String);
    if (issue.code === 'unrecognized_keys') {
      const known = keysAt(schema, path);
      return issue.keys.map((key) => {
        const guess = nearest(key, known);
        return `unknown key '${[...path, key].join('.')}'${guess === undefined ? '' : `; did you mean '${guess}'?`}${guess === undefined && known.length > 0 ? `; known: ${known.join(', ')}` : ''}`;
      });
    }
    return [`${path.join('.') || '(top level)'}: ${issue.message}`];
  });
}

/** Keys that the schema knows at a path, over all branches of a union. */
function keysAt(schema: z.ZodType, path: readonly string[]): string[] {
  const document = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  let nodes = [document];
  for (const key of path) nodes = nodes.flatMap(branches).flatMap((node) => childOf(node, key));
  return [...new Set(nodes.flatMap(branches).flatMap((node) => Object.keys(node.properties ?? {})))];
}

interface JsonSchema {
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
}

const branches = (node: JsonSchema): JsonSchema[] => [
  node,
  ...(node.anyOf ?? []).flatMap(branches),
  ...(node.oneOf ?? []).flatMap(branches),
];

function childOf(node: JsonSchema, key: string): JsonSchema[] {
  const named = node.properties?.[key];
  if (named !== undefined) return [named];
  if (node.items !== undefined && /^\d+$/.test(key)) return [node.items];
  return typeof node.additionalProperties === 'object' ? [node.additionalProperties] : [];
}
