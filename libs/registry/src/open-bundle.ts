import { join } from 'node:path';
import { AssayError, readJson } from '@assay/core';
import { parseOperatingPoints, type OperatingPoints } from '@assay/policy';
import { Preprocessor } from '@assay/preprocess';
import { verifyBundle } from './bundle-manifest.js';
import {
  labelsSchema,
  lineageSchema,
  readBundleJson,
  recordSchemaSchema,
  type Labels,
  type Lineage,
  type RecordSchema,
} from './bundle-schemas.js';

export interface OpenBundle {
  dir: string;
  /** SHA-256 of the manifest. */
  manifestDigest: string;
  /** Name of the pipeline that made it. */
  pipeline: string;
  savedModelDir: string;
  preprocessor: Preprocessor;
  labels: Labels;
  recordSchema: RecordSchema;
  operatingPoints: OperatingPoints;
  lineage: Lineage;
}

/**
 * Checks every byte of a bundle and reads what deciding needs, apart from the graph itself.
 *
 * @param expectedDigest digest that the registry promises for the manifest
 * @throws BUNDLE_CORRUPT when a file is not what the manifest says
 * @throws FILE_CORRUPT when the preprocessor does not follow its schema
 */
export async function openBundle(dir: string, expectedDigest?: string): Promise<OpenBundle> {
  const manifestDigest = await verifyBundle(dir, expectedDigest);
  const lineage = readBundleJson(dir, 'lineage.json', lineageSchema);
  const labels = readBundleJson(dir, 'labels.json', labelsSchema);
  const operatingPoints = parseOperatingPoints(await readJson(join(dir, 'operating-points.json')));
  assertSameClasses(dir, labels, operatingPoints);
  return {
    dir,
    manifestDigest,
    pipeline: lineage.pipeline,
    savedModelDir: join(dir, 'saved_model'),
    preprocessor: Preprocessor.fromJSON(await readJson(join(dir, 'preprocessor.json'))),
    labels,
    recordSchema: readBundleJson(dir, 'record-schema.json', recordSchemaSchema),
    operatingPoints,
    lineage,
  };
}

/** A threshold must belong to the logit at its own position. */
function assertSameClasses(dir: string, { names }: Labels, { policies }: OperatingPoints): void {
  const decided = policies.map(({ policy }) => policy);
  if (decided.join() === names.join()) return;
  throw new AssayError(
    'BUNDLE_CORRUPT',
    `operating-points.json of the bundle ${dir} is for ${decided.join(', ')}; the model has the classes ${names.join(', ')}. Fix: evaluate and publish again.`,
    {
      details: { dir },
    },
  );
}
