import type { StageResult } from '@assay/core';
import { note, print } from './output.js';
import { shortPath } from './workspace.js';

/** Prints what a stage wrote: where, under which digest, and its facts. */
export function reportStage(result: StageResult): void {
  noteStage(result);
  for (const [name, value] of Object.entries(result.manifest.summary)) print(`${name}: ${describe(value)}`);
}

/** Says for people where a stage's result is, and whether it was made now. */
export function noteStage({ dir, digest, manifest, reused }: StageResult): void {
  note(
    `${manifest.stage}: ${reused ? 'up to date' : 'done'}, ${shortPath(dir)}, digest ${digest.slice(0, 12)}`,
  );
}

function describe(value: unknown): string {
  if (value === null || typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return value.map(describe).join(', ');
  return Object.entries(value)
    .map(
      ([key, member]) =>
        `${key} ${member !== null && typeof member === 'object' ? `(${describe(member)})` : String(member)}`,
    )
    .join(', ');
}
