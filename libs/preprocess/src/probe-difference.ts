import type { Probe } from './preprocessor-state.js';
import { PROBE_PHOTOS } from './probe-photos.js';
import { probeName } from './probe-records.js';

type ProbeInput = Exclude<keyof Probe, 'version'>;

const exact = (): number => 0;
/** Largest allowed difference from a value, by input. */
const TOLERANCES: Readonly<Record<ProbeInput, (value: number) => number>> = {
  token_BL: exact,
  image_BIHWC: () => 2, // decoders use other instructions on other processors, and then round differently
  numeric_BF: (value) => 1e-6 * Math.max(1, Math.abs(value)),
  category_BC: exact,
  present_BM: exact,
};

/** Where an encoded probe differs from what it was, in words; undefined when it does not. */
export function probeDifference(expected: Probe, actual: Probe): string | undefined {
  for (const name of Object.keys(TOLERANCES) as ProbeInput[]) {
    const [before, now] = [rowsOf(expected, name), rowsOf(actual, name)];
    if (before.length !== now.length)
      return `${name} is there for ${now.length} records of the probe; expected ${before.length}`;
    for (const [position, row] of before.entries()) {
      const difference = rowDifference(row, now[position] ?? [], TOLERANCES[name]);
      if (difference !== undefined) return `${name} of the probe '${nameOf(name, position)}' ${difference}`;
    }
  }
  return undefined;
}

const nameOf = (name: ProbeInput, position: number): string =>
  name === 'image_BIHWC' ? (PROBE_PHOTOS[position]?.name ?? String(position)) : probeName(position);

function rowsOf(probe: Probe, name: ProbeInput): readonly (readonly (string | number)[])[] {
  if (name === 'token_BL') return probe.token_BL.map((digest) => [digest]);
  if (name === 'image_BIHWC') return probe.image_BIHWC.map((points) => [...Buffer.from(points, 'base64')]);
  return probe[name];
}

function rowDifference(
  before: readonly (string | number)[],
  now: readonly (string | number)[],
  toleranceOf: (value: number) => number,
): string | undefined {
  if (before.length !== now.length) return `has ${now.length} values; expected ${before.length}`;
  const isSame = (a: string | number, b: string | number | undefined): boolean =>
    typeof a === 'number' && typeof b === 'number' ? Math.abs(a - b) <= toleranceOf(a) : a === b;
  const at = before.findIndex((value, i) => !isSame(value, now[i]));
  return at < 0 ? undefined : `has the value ${now[at]} at ${at}; expected ${before[at]}`;
}
