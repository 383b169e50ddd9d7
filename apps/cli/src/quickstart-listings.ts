import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AssayError } from '@assay/core';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { table } from './output.js';

const truthSchema = z.object({
  id: z.string(),
  labels: z.record(z.string(), z.number()),
});

const responseSchema = z.object({
  decisions: z.array(
    z.object({
      policy: z.string(),
      band: z.enum(['act', 'review', 'pass']),
      score: z.number(),
    }),
  ),
});

/** A new synthetic listing, what is true of it, and what the service decided. */
export interface QuickstartListing {
  what: string;
  title: string;
  truth: string[];
  decisions: z.infer<typeof responseSchema>['decisions'];
}
