import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { createNodesFromFiles, type CreateNodesV2, type TargetConfiguration } from '@nx/devkit';
import { parse } from 'yaml';

interface Options {
  /** Built entry point of the command line, from the workspace root. */
  cli?: string;
}

interface Stage {
  name: string;
  before?: string;
  /** Sections of the pipeline file that this stage reads, dotted when it reads a part; a change elsewhere does not make it stale. */
  sections: readonly string[];
  /** Workspace packages whose code makes the result. */
  packages: readonly string[];
  cache: boolean;
}

const PREPARE_PACKAGES = [
  '@assay/core',
  '@assay/config',
  '@assay/preprocess',
  '@assay/report-page',
  '@assay/data',
];
const EVALUATE_PACKAGES = [
  ...PREPARE_PACKAGES,
  '@assay/tensorflow',
  '@assay/graph',
  '@assay/policy',
  '@assay/evaluation',
];
const TRAIN_PACKAGES = [...EVALUATE_PACKAGES, '@assay/models', '@assay/training'];

const STAGES: readonly Stage[] = [
  {
    name: 'prepare',
    sections: ['name', 'seed', 'data', 'preprocess'],
    packages: PREPARE_PACKAGES,
    cache: true,
  },
  { name: 'train', before: 'prepare', sections: ['model', 'train'], packages: TRAIN_PACKAGES, cache: true },
  {
    name: 'evaluate',
    before: 'train',
    sections: ['evaluate', 'publish.policyVersions', 'description'],
    packages: EVALUATE_PACKAGES,
    cache: true,
  },
  { name: 'publish', before: 'evaluate', sections: ['publish'], packages: [], cache: false },
];

/** Which TensorFlow computes: the pinned one, and the one that the set-up chose for this machine. */
const ENGINE_INPUTS = [
  '{workspaceRoot}/requirements/engine-*.txt',
  { runtime: 'node tools/nx-pipelines/engine-facts.mjs' },
];

/**
 * One project per `configs/<folder>/pipeline.yaml`, called like its folder, with the targets prepare → train → evaluate → publish.
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
              targets: targetsOf(file, cli, workspaceRoot),
            },
          },
        };
      },
      files,
      options,
      context,
    ),
];

function targetsOf(file: string, cli: string, workspaceRoot: string): Record<string, TargetConfiguration> {
  const pipeline = readPipeline(join(workspaceRoot, file));
  const runsDir = runsDirOf(workspaceRoot);
  return Object.fromEntries(
    STAGES.map((stage) => [
      stage.name,
      'problem' in pipeline
        ? failingTarget(file, pipeline.problem)
        : targetOf(stage, { file, cli, resultDir: runsDir && `${runsDir}/${pipeline.name}/${stage.name}` }),
    ]),
  );
}

/** The name that the results lie under, or why it cannot be read. The rest of the schema is the command's to check. */
function readPipeline(path: string): { name: string } | { problem: string } {
  try {
    const pipeline: unknown = parse(readFileSync(path, 'utf8'));
    const name = typeof pipeline === 'object' && pipeline !== null && 'name' in pipeline ? pipeline.name : '';
    if (typeof name === 'string' && /^[a-z][a-z0-9-]*$/.test(name)) return { name };
    return { problem: "'name' has to be lower-case letters, digits and hyphens" };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { problem: `is not valid YAML: ${message.split('\n')[0]}` };
  }
}

/** Where the command line writes results, from the workspace root; undefined when that lies outside, where Nx restores nothing. */
function runsDirOf(workspaceRoot: string): string | undefined {
  const runs = resolve(workspaceRoot, process.env['ASSAY_RUNS'] || '.assay/runs');
  const path = relative(workspaceRoot, runs);
  return path.startsWith('..') ? undefined : path;
}

function failingTarget(file: string, problem: string): TargetConfiguration {
  const message = `error [CONFIG_INVALID]: ${file}: ${problem}`;
  const script = `process.stderr.write(${JSON.stringify(`${message}\n`)}); process.exit(2)`;
  return { command: `node -e ${shellQuote(script)}`, cache: false };
}

const shellQuote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

interface TargetFacts {
  file: string;
  cli: string;
  /** From the workspace root; undefined when Nx cannot restore it. */
  resultDir: string | undefined;
}

function targetOf(stage: Stage, { file, cli, resultDir }: TargetFacts): TargetConfiguration {
  const fingerprint = `node tools/nx-pipelines/section-digest.mjs ${file} ${sectionsUpTo(stage).join(' ')}`;
  const target: TargetConfiguration = {
    command: `node ${cli} ${stage.name} ${file}`,
    options: { cwd: '{workspaceRoot}' },
    dependsOn: [
      { projects: ['@assay/cli'], target: 'build' },
      ...(stage.before === undefined ? [] : [stage.before]),
    ],
    cache: stage.cache && resultDir !== undefined,
    // Training uses every core; two at once would only slow each other down.
    parallelism: stage.name !== 'train',
  };
  if (!stage.cache || resultDir === undefined) return target;
  return {
    ...target,
    inputs: [
      { runtime: fingerprint },
      { projects: [...stage.packages], input: 'production' },
      ...(stage.before === undefined
        ? []
        : [{ dependentTasksOutputFiles: '**/manifest.json', transitive: false }]),
      { externalDependencies: ['@tensorflow/tfjs-node-gpu', 'sharp', 'csv-parse', 'zod', 'yaml'] },
      ...['ASSAY_DEVICE', 'ASSAY_DETERMINISTIC', 'ASSAY_HOME', 'ASSAY_RUNS'].map((env) => ({ env })),
      { runtime: 'node --version' },
      ...(stage.packages.includes('@assay/tensorflow') ? ENGINE_INPUTS : []),
    ],
    // The mark of a failed run goes when a good result is restored.
    outputs: [`{workspaceRoot}/${resultDir}`, `{workspaceRoot}/${resultDir}.stale.json`],
  };
}

function sectionsUpTo(stage: Stage): string[] {
  return STAGES.slice(0, STAGES.indexOf(stage) + 1).flatMap(({ sections }) => sections);
}
