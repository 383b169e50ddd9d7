import { AssayError } from '@assay/core';
import { z } from 'zod';
import { serveSchema, type ServeConfig } from './decision-config.js';

// Bundles outlive the schema: what an older one says of `host` and `port` is left aside.
const bundled = z.object({ serve: z.object(serveSchema.shape).prefault({}) });

/**
 * The section `serve` of the resolved config that a bundle carries.
 *
 * @param config `config` of `lineage.json`
 * @throws CONFIG_INVALID when a value is out of range
 */
export function serveConfigOf(config: unknown): ServeConfig {
  const parsed = bundled.safeParse(config);
  if (parsed.success) return parsed.data.serve;
  throw new AssayError(
    'CONFIG_INVALID',
    `The config that the bundle carries has no valid section serve: ${z.prettifyError(parsed.error)}. Fix: publish the model again.`,
    { cause: parsed.error },
  );
}
