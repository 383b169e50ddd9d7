import { AssayError } from './assay-error.js';
import { sha256OfJson } from './hashing.js';
import { readManifest } from './manifest.js';
import { assertLatestRun } from './stage-stale-marker.js';

/** What a stage should have been made from; what is left out is not looked at. */
export interface ExpectedOrigin {
  /** Sections of the config of now; those that the stage was made with must be equal. */
  sections?: Readonly<Record<string, unknown>>;
  /** Directories of the stages that it should have read, by the names of its inputs. */
  inputs?: Readonly<Record<string, string>>;
}

/**
 * Refuses the output of a stage that was made with other settings, or from another run of an earlier stage, or that a newer run should
 * have replaced: one that failed, was interrupted or still goes on.
 *
 * @throws STAGE_STALE when it is such an output
 * @throws STAGE_INPUT_MISSING when a directory holds no finished stage
 */
export async function assertStageMatches(
  dir: string,
  { sections = {}, inputs = {} }: ExpectedOrigin,
): Promise<void> {
  await assertLatestRun(dir);
  const { manifest } = await readManifest(dir);
  const used = typeof manifest.config === 'object' ? (manifest.config ?? {}) : {};
  const refuse = (what: string): never => {
    throw new AssayError(
      'STAGE_STALE',
      `${dir} was made by the stage '${manifest.stage}' ${what}. Fix: run assay ${manifest.stage} again.`,
      { details: { stage: manifest.stage, dir } },
    );
  };
  for (const [name, section] of Object.entries<unknown>({ ...used })) {
    if (name in sections && sha256OfJson(section) !== sha256OfJson(sections[name]))
      refuse(`with other settings of '${name}' than the config has now`);
  }
  for (const [name, inputDir] of Object.entries(inputs)) {
    await assertLatestRun(inputDir);
    const { digest } = await readManifest(inputDir);
    if (manifest.inputs[name] !== digest) refuse(`from another output of the stage '${name}'`);
  }
}
