import { existsSync, readFileSync } from 'node:fs';
import { copyFile, cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { classNames, type LoadedConfig, type PipelineConfig } from '@assay/config';
import {
  AssayError,
  readJson,
  readManifest,
  runStage,
  sha256OfStrings,
  verifyManifest,
  writeJsonAtomic,
} from '@assay/core';
import { PreparedData } from '@assay/data';
import { loadSavedModel } from '@assay/graph';
import { parseOperatingPoints } from '@assay/policy';
import { verifyProbe } from '@assay/preprocess';
import { writeBundleManifest } from './bundle-manifest.js';
import { labelsSchema, readBundleJson, verdictSchema, type Lineage } from './bundle-schemas.js';
import { writeGolden } from './golden.js';
import { pickGoldenExamples } from './golden-examples.js';
import { assertStagesFit } from './assert-stages-fit.js';
import { collectLineage } from './lineage.js';
import { mlModelText } from './ml-model-file.js';
import { modelCardText } from './model-card.js';
import { recordSchemaOf } from './record-schema.js';
import { inferWith, signatureTensors } from './saved-model-inference.js';

export const BUNDLE_SCHEMA_VERSION = 1;

export interface AssembleOptions {
  loaded: LoadedConfig;
  preparedDir: string;
  trainDir: string;
  evaluateDir: string;
  /** Stage directory; the bundle itself is its folder `bundle`. */
  dir: string;
  /** Folder inside the repository whose commit goes into the lineage; default: the config's folder. */
  repositoryDir?: string;
  force?: boolean;
}

export interface AssembledBundle {
  bundleDir: string;
  /** SHA-256 of the bundle's manifest. */
  manifestDigest: string;
  /** Whether an equal bundle was there already. */
  reused: boolean;
}

/**
 * Makes the bundle of a trained and evaluated model: everything that serving, audits and a second training need.
 *
 * @throws STAGE_INPUT_MISSING when a stage has not run
 * @throws STAGE_STALE when a stage was made from another input or config than the present ones
 * @throws FILE_CORRUPT when a stage directory does not match its manifest
 * @throws GOLDEN_MISMATCH when records are encoded otherwise than when the data were prepared
 */
export async function assembleBundle(options: AssembleOptions): Promise<AssembledBundle> {
  const { loaded, preparedDir, trainDir, evaluateDir, dir } = options;
  const policies = policyTexts(loaded);
  const stageDirs = { prepare: preparedDir, train: trainDir, evaluate: evaluateDir };
  await assertStagesFit(loaded.config, stageDirs);
  const definition = {
    name: 'bundle',
    config: {
      name: loaded.config.name,
      description: loaded.config.description,
      publish: loaded.config.publish,
    },
    inputs: stageDirs,
    sources: { policies: sha256OfStrings(Object.entries(policies).flat()) },
    packages: ['@assay/registry'],
  };
  const result = await runStage(
    dir,
    definition,
    async ({ outDir }) => {
      for (const input of Object.values(stageDirs)) await verifyManifest(input);
      const bundleDir = join(outDir, 'bundle');
      await mkdir(bundleDir);
      return { manifestDigest: await writeBundle(bundleDir, options, policies) };
    },
    { force: options.force ?? false },
  );
  return {
    bundleDir: join(result.dir, 'bundle'),
    manifestDigest: String(result.manifest.summary['manifestDigest']),
    reused: result.reused,
  };
}

async function writeBundle(
  bundleDir: string,
  options: AssembleOptions,
  policies: Record<string, string>,
): Promise<string> {
  const { loaded, preparedDir, trainDir, evaluateDir } = options;
  const stageDirs = { prepare: preparedDir, train: trainDir, evaluate: evaluateDir };
  const lineage = await collectLineage({
    loaded,
    stageDirs,
    ...(options.repositoryDir === undefined ? {} : { repositoryDir: options.repositoryDir }),
  });
  await copyStageFiles(bundleDir, options);
  await writeJsonAtomic(join(bundleDir, 'lineage.json'), lineage);
  await mkdir(join(bundleDir, 'policies'));
  for (const [name, text] of Object.entries(policies))
    await writeFile(join(bundleDir, 'policies', `${name}.md`), text);
  await writeModelFiles(bundleDir, preparedDir, loaded.config);
  await writeCard(bundleDir, options, lineage);
  return writeBundleManifest(bundleDir);
}

/** Files that a stage wrote and the bundle repeats: [stage directory, its file, name in the bundle]. */
async function copyStageFiles(bundleDir: string, { trainDir, evaluateDir }: AssembleOptions): Promise<void> {
  await mkdir(join(bundleDir, 'evaluation'));
  await cp(join(trainDir, 'saved_model'), join(bundleDir, 'saved_model'), { recursive: true });
  const files: [string, string, string][] = [
    [trainDir, 'preprocessor.json', 'preprocessor.json'],
    [trainDir, 'labels.json', 'labels.json'],
    [trainDir, 'model.json', 'model.json'],
    [trainDir, 'model.safetensors', 'weights.safetensors'],
    [evaluateDir, 'calibration.json', 'calibration.json'],
    [evaluateDir, 'operating-points.json', 'operating-points.json'],
    [evaluateDir, 'report.json', 'evaluation/report.json'],
    [evaluateDir, 'report.html', 'evaluation/report.html'],
    [evaluateDir, 'verdict.json', 'evaluation/verdict.json'],
  ];
  for (const [dir, file, target] of files) {
    if (!existsSync(join(dir, file))) {
      throw new AssayError(
        'STAGE_INPUT_MISSING',
        `${join(dir, file)} does not exist; a bundle needs it. Fix: run that stage again with --force.`,
      );
    }
    await copyFile(join(dir, file), join(bundleDir, target));
  }
}

/** What is made by running the model: its signature, the golden examples, and the limits of its inputs. */
async function writeModelFiles(
  bundleDir: string,
  preparedDir: string,
  config: PipelineConfig,
): Promise<void> {
  const prepared = await PreparedData.open(preparedDir);
  await verifyProbe(prepared.preprocessor); // else the bundle would be refused where it is served
  const runner = loadSavedModel(join(bundleDir, 'saved_model'));
  try {
    const infer = inferWith(runner);
    const operatingPoints = parseOperatingPoints(await readJson(join(bundleDir, 'operating-points.json')));
    await writeGolden(bundleDir, { ...(await pickGoldenExamples(prepared, infer)), operatingPoints });
    await writeJsonAtomic(
      join(bundleDir, 'record-schema.json'),
      recordSchemaOf(config, prepared.preprocessor),
    );
    const text = mlModelText({
      pipeline: config.name,
      ...signatureTensors(runner),
      bundleSchemaVersion: BUNDLE_SCHEMA_VERSION,
    });
    await writeFile(join(bundleDir, 'MLmodel'), text);
  } finally {
    runner.dispose();
  }
}

async function writeCard(
  bundleDir: string,
  { loaded, preparedDir }: AssembleOptions,
  lineage: Lineage,
): Promise<void> {
  const labels = readBundleJson(bundleDir, 'labels.json', labelsSchema);
  const policyVersions = Object.fromEntries(
    labels.names.map((name) => [name, loaded.config.publish.policyVersions[name] ?? '1']),
  );
  const { manifest } = await readManifest(preparedDir);
  const verdict = readBundleJson(bundleDir, 'evaluation/verdict.json', verdictSchema);
  const card = modelCardText({
    config: loaded.config,
    lineage,
    verdict,
    policyVersions,
    dataSummary: manifest.summary,
  });
  await writeFile(join(bundleDir, 'model-card.md'), card);
}

/** Text of each policy from `policies/<policy>.md` beside the config. */
function policyTexts({ config, path }: LoadedConfig): Record<string, string> {
  const texts = classNames(config.data.labels).map((name): [string, string] => {
    const file = join(dirname(path), 'policies', `${name}.md`);
    const missing = `# ${name}\n\nNo text of this policy was supplied: the pipeline has no file policies/${name}.md.\n`;
    return [name, existsSync(file) ? readFileSync(file, 'utf8') : missing];
  });
  return Object.fromEntries(texts);
}
