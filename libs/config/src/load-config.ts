import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { AssayError, systemCodeOf } from '@assay/core';
import { parseDocument, visit, type Document } from 'yaml';
import { applyOverrides } from './overrides.js';
import { describeIssues } from './describe-issues.js';
import { pipelineSchema, type PipelineConfig } from './pipeline-config.js';

export interface LoadedConfig {
  config: PipelineConfig;
  /** Absolute path of the YAML file. */
  path: string;
  /** Absolute path of the folder with the source files. */
  dataRoot: string;
}

interface LoadOptions {
  /** `--set` values, each `path.to.key=value` with the value in YAML. */
  overrides?: readonly string[];
  /** `--data-root`: replaces `data.root`, relative to the working directory. */
  dataRoot?: string;
}

/**
 * Reads, overrides and checks a pipeline file.
 *
 * @throws CONFIG_NOT_FOUND when there is no such file
 * @throws CONFIG_INVALID naming every problem with its path; an unknown key names the nearest known one
 */
export function loadConfig(path: string, { overrides = [], dataRoot }: LoadOptions = {}): LoadedConfig {
  const file = resolve(path);
  const config = parseConfig(readText(file), { file: path, overrides });
  return {
    config,
    path: file,
    dataRoot: dataRoot === undefined ? resolve(dirname(file), config.data.root) : resolve(dataRoot),
  };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === 'EISDIR')
      throw new AssayError(
        'CONFIG_NOT_FOUND',
        `${file} is a folder. Fix: name the file, ${file}/pipeline.yaml.`,
        { cause: error },
      );
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
    throw new AssayError(
      'CONFIG_NOT_FOUND',
      `${file} does not exist. Fix: name an existing pipeline.yaml, e.g. configs/listings/pipeline.yaml.`,
      { cause: error },
    );
  }
}

/** `loadConfig` of a text. */
export function parseConfig(
  text: string,
  { file = 'pipeline.yaml', overrides = [] }: { file?: string; overrides?: readonly string[] } = {},
): PipelineConfig {
  const document = parseDocument(text, { prettyErrors: true });
  const [syntaxError] = document.errors;
  if (syntaxError !== undefined) {
    throw new AssayError(
      'CONFIG_INVALID',
      `${file} is not valid YAML: ${syntaxError.message.split('\n')[0]}`,
      { cause: syntaxError },
    );
  }
  const alias = firstAlias(document);
  if (alias !== undefined)
    throw new AssayError(
      'CONFIG_INVALID',
      `${file} uses '${alias}'; anchors and aliases are not allowed, so that a config reads whole. Fix: write the value out.`,
    );
  const value = applyOverrides(document.toJS() as unknown, overrides);
  const parsed = pipelineSchema.safeParse(value);
  if (!parsed.success) {
    const problems = describeIssues(parsed.error.issues, pipelineSchema);
    throw new AssayError(
      'CONFIG_INVALID',
      `${file} has ${problems.length} problem${problems.length === 1 ? '' : 's'}:\n${problems.map((p) => `  - ${p}`).join('\n')}`,
      {
        details: { problems },
      },
    );
  }
  return parsed.data;
}

/** The first anchor (`&name`) or alias (`*name`) of a document. */
function firstAlias(document: Document): string | undefined {
  let found: string | undefined;
  visit(document, {
    Alias: (_, { source }) => {
      found = `*${source}`;
      return visit.BREAK;
    },
    Value: (_, { anchor }) => {
      if (anchor === undefined) return undefined;
      found = `&${anchor}`;
      return visit.BREAK;
    },
  });
  return found;
}
