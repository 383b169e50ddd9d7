import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AssayError } from '@assay/core';

const FIX = 'Fix: run `npm run setup` in the checkout.';

/** The compiled addon and what it was compiled against. */
export interface AddonFile {
  /** Absolute path of the addon, links resolved. */
  path: string;
  tensorflowVersion: string;
  variant: 'cpu' | 'gpu';
  /** Absolute path of TensorFlow's library. */
  libraryPath: string;
}

/**
 * Finds the addon of an installed tfjs-node-gpu and checks that the engine it was built for is there.
 *
 * @param packageDir folder of the package `@tensorflow/tfjs-node-gpu`
 * @throws ENGINE_MISSING when the addon is not there
 * @throws ENGINE_MISMATCH when it was not built by the set-up, or its engine is gone
 */
export function findAddon(packageDir: string): AddonFile {
  const link = join(packageDir, 'lib', 'napi-v8', 'tfjs_binding.node');
  if (!existsSync(link)) {
    throw new AssayError('ENGINE_MISSING', `The TensorFlow addon is not at ${link}. ${FIX}`, {
      details: { link },
    });
  }
  const path = realpathSync(link);
  const { tensorflowVersion, variant, engine } = readBuild(join(dirname(path), 'build.json'));
  if (typeof tensorflowVersion !== 'string' || (variant !== 'cpu' && variant !== 'gpu')) {
    throw new AssayError(
      'ENGINE_MISMATCH',
      `The addon ${path} was not built by the set-up of this project, so nobody knows for which engine. ${FIX}`,
      { details: { path } },
    );
  }
  const libraryPath = join(
    dirname(path),
    '..',
    '..',
    'engine',
    typeof engine === 'string' ? engine : `${variant}-${tensorflowVersion}`,
    'tensorflow',
    'libtensorflow_cc.so.2',
  );
  if (!existsSync(libraryPath)) {
    throw new AssayError(
      'ENGINE_MISMATCH',
      `The addon was built for TensorFlow ${tensorflowVersion} (${variant}), which is not at ${libraryPath}. ${FIX}`,
      { details: { path, libraryPath } },
    );
  }
  return { path, tensorflowVersion, variant, libraryPath };
}

/** What the set-up wrote beside the addon; empty when it is absent or no JSON object, which the caller reports. */
function readBuild(path: string): Partial<Record<string, unknown>> {
  try {
    const build: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return typeof build === 'object' && build !== null ? { ...build } : {};
  } catch {
    return {};
  }
}
