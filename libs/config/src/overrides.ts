import { AssayError } from '@assay/core';
import { parse } from 'yaml';

/**
 * Applies `--set a.b.c=value` to a parsed YAML value; the value itself is YAML (`64`, `true`, `[1, 2]`, `null`).
 *
 * @returns a copy; the input stays as it is
 * @throws USAGE when an override has no `=`, a path crosses something that is neither mapping nor list, or names a place
 * in a list that is neither there nor the next one
 */
export function applyOverrides(value: unknown, overrides: readonly string[]): unknown {
  const copy: unknown = structuredClone(value);
  for (const override of overrides) {
    const at = override.indexOf('=');
    if (at <= 0)
      throw new AssayError('USAGE', `--set ${override}: expected path=value, e.g. --set train.batchSize=64.`);
    setAt(copy, override.slice(0, at).split('.'), parseValue(override.slice(at + 1)), override);
  }
  return copy;
}

function parseValue(text: string): unknown {
  try {
    return parse(text) as unknown;
  } catch {
    return text; // not YAML, so it is meant as plain text
  }
}

function setAt(root: unknown, path: string[], value: unknown, override: string): void {
  let node = root;
  for (const [i, key] of path.entries()) {
    if (node === null || typeof node !== 'object') {
      throw new AssayError('USAGE', `--set ${override}: '${path.slice(0, i).join('.')}' is not a section.`);
    }
    if (['__proto__', 'constructor', 'prototype'].includes(key))
      throw new AssayError('USAGE', `--set ${override}: '${key}' cannot be a key.`);
    if (Array.isArray(node) && !isPlaceIn(node, key))
      throw new AssayError(
        'USAGE',
        `--set ${override}: '${path.slice(0, i).join('.')}' is a list of ${node.length}, so '${key}' must be a number from 0 to ${node.length}, which appends.`,
      );
    const section = node as Record<string, unknown>;
    if (i === path.length - 1) section[key] = value;
    else node = section[key] ??= {};
  }
}

const isPlaceIn = (list: readonly unknown[], key: string): boolean =>
  /^(0|[1-9]\d*)$/.test(key) && Number(key) <= list.length;
