import { join } from 'node:path';
import { sha256OfFile } from '@assay/core';
import { verifyBundle } from './bundle-manifest.js';
import {
  lineageSchema,
  readBundleJson,
  verdictSchema,
  type Lineage,
  type Verdict,
} from './bundle-schemas.js';

export interface VerifiedBundle {
  dir: string;
  manifestDigest: string;
  verdict: Verdict;
  verdictDigest: string;
  lineage: Lineage;
}

/**
 * Checks every byte of a bundle and reads what its registration needs.
 *
 * @throws BUNDLE_CORRUPT when a file is not what the manifest says
 */
export async function openVerified(dir: string): Promise<VerifiedBundle> {
  const manifestDigest = await verifyBundle(dir);
  return {
    dir,
    manifestDigest,
    verdict: readBundleJson(dir, 'evaluation/verdict.json', verdictSchema),
    verdictDigest: await sha256OfFile(join(dir, 'evaluation/verdict.json')),
    lineage: readBundleJson(dir, 'lineage.json', lineageSchema),
  };
}
