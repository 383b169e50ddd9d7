import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createNodesFromFiles, type CreateNodesV2, type TargetConfiguration } from '@nx/devkit';
import { parse } from 'yaml';

interface Options {
  /** Built entry point of the command line, from the workspace root. */
  cli?: string;
}

interface Stage {
  name: string;
  before?: string;
  /** Sections of the pipeline file that this stage reads; a change elsewhere does not make it stale. */
  sections: readonly string[];
  /** Workspace packages whose code makes the result. */
  packages: readonly string[];
  cache: boolean;
}

const PREPARE_PACKAGES = ['@assay/core', '@assay/config', '@assay/preprocess', '@assay/data'];
const TRAIN_PACKAGES = [
  ...PREPARE_PACKAGES,
  '@assay/tensorflow',
  '@assay/graph',
  '@assay/models',
  '@assay/training',
];
const EVALUATE_PACKAGES = [
  ...PREPARE_PACKAGES,
  '@assay/tensorflow',
  '@assay/graph',
  '@assay/policy',
  '@assay/evaluation',
];

const STAGES: readonly Stage[] = [
  {
    name: 'prepare',
    sections: ['name', 'seed', 'data', 'preprocess'],
    packages: PREPARE_PACKAGES,
    cache: true,
  },
  { name: 'train', before: 'prepare', sections: ['model', 'train'], packages: TRAIN_PACKAGES, cache: true },
  { name: 'evaluate', before: 'train', sections: ['evaluate'], packages: EVALUATE_PACKAGES, cache: true },
  { name: 'publish', before: 'evaluate', sections: ['publish'], packages: [], cache: false },
];

/**
 * One project per `configs/<name>/pipeline.yaml` with the targets prepare → train → evaluate → publish.
 * Publish writes to a registry, so it is never cached. A file that cannot be read fails its own targets only.
 */
export const createNodesV2: CreateNodesV2<Options> = [
  'configs/*/pipeline.yaml',
  (files, options, context) =>
    createNodesFromFiles(
      (file, fileOptions, { workspaceRoot }) => {
        const root = dirname(file);
        const name = root.split('/').at(-1) ?? root;
        const cli = fileOptions?.cli ?? 'apps/cli/dist/main.js';
        return {
          projects: {
            [root]: {
              name,
              root,
              tags: ['type:pipeline'],
              targets: targetsOf(file, name, cli, workspaceRoot),
            },
          },
        };
      },
      files,
      options,
      context,
    ),
];

function targetsOf(
  file: string,
  name: string,
  cli: string,
  workspaceRoot: string,
): Record<string, TargetConfiguration> {
  const problem = syntaxProblem(join(workspaceRoot, file));
  return Object.fromEntries(
    STAGES.map((stage) => [
      stage.name,
      problem === undefined ? targetOf(stage, file, name, cli) : failingTarget(file, problem),
    ]),
  );
}

/** First line of the parser's message, or undefined when the file is YAML. Its schema is the command's to check. */
function syntaxProblem(path: string): string | undefined {
  try {
    parse(readFileSync(path, 'utf8'));
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? 'unknown') : String(error);
  }
}

function failingTarget(file: string, problem: string): TargetConfiguration {
  const message = `error [CONFIG_INVALID]: ${file} is not valid YAML: ${problem}`;
  const script = `process.stderr.write(${JSON.stringify(`${message}\n`)}); process.exit(2)`;
  return { command: `node -e ${shellQuote(script)}`, cache: false };
}

const shellQuote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

function targetOf(stage: Stage, file: string, name: string, cli: string): TargetConfiguration {
  const fingerprint = `node tools/nx-pipelines/section-digest.mjs ${file} ${sectionsUpTo(stage).join(' ')}`;
  const target: TargetConfiguration = {
    command: `node ${cli} ${stage.name} ${file}`,
    options: { cwd: '{workspaceRoot}' },
    dependsOn: [
      { projects: ['@assay/cli'], target: 'build' },
      ...(stage.before === undefined ? [] : [stage.before]),
    ],
    cache: stage.cache,
    // Training uses every core; two at once would only slow each other down.
    parallelism: stage.name !== 'train',
  };
  if (!stage.cache) return target;
  return {
    ...target,
    inputs: [
      { runtime: fingerprint },
      { projects: [...stage.packages], input: 'production' },
      ...(stage.before === undefined
        ? []
        : [{ dependentTasksOutputFiles: '**/manifest.json', transitive: false }]),
      { externalDependencies: ['@tensorflow/tfjs-node-gpu', 'sharp', 'csv-parse', 'zod', 'yaml'] },
      { env: 'ASSAY_DEVICE' },
      { env: 'ASSAY_DETERMINISTIC' },
      { runtime: 'node --version' },
    ],
    outputs: [`{workspaceRoot}/.assay/runs/${name}/${stage.name}`],
  };
}

function sectionsUpTo(stage: Stage): string[] {
  return STAGES.slice(0, STAGES.indexOf(stage) + 1).flatMap(({ sections }) => sections);
}
