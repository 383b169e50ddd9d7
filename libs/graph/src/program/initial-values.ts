import type { Random } from '@assay/core';
import { sizeOf } from '../data-types.js';

/** How the start values of a parameter are drawn. `normal` is the standard deviation of a normal distribution. */
export type Initializer =
  'zeros' | 'ones' | 'glorotUniform' | 'heNormal' | { normal: number } | { value: number };

interface Drawable {
  shape: readonly number[];
  init: Initializer;
}

/**
 * Start values by name. Each draws from a stream of its own name, so adding one leaves the values of all others as they
 * were.
 *
 * @returns row-major values by name
 */
export function initialValues(
  specs: Readonly<Record<string, Drawable>>,
  random: Random,
): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [name, drawn(spec, random.fork(name))]),
  );
}

function drawn({ shape, init }: Drawable, random: Random): Float32Array {
  const values = new Float32Array(sizeOf(shape));
  if (init === 'zeros') return values;
  if (init === 'ones') return values.fill(1);
  const { fanIn, fanOut } = fansOf(shape);
  if (init === 'glorotUniform') {
    const limit = Math.sqrt(6 / (fanIn + fanOut));
    return values.map(() => (2 * random.uniform() - 1) * limit);
  }
  if (init !== 'heNormal' && 'value' in init) return values.fill(init.value);
  const deviation = init === 'heNormal' ? Math.sqrt(2 / fanIn) : init.normal;
  return values.map(() => random.normal() * deviation);
}

/**
 * Numbers of inputs and outputs of one unit; the axes before the last two are the receptive field of a convolution.
 *
 * @see Glorot and Bengio 2010 (glorotUniform); He et al. 2015 (heNormal)
 */
function fansOf(shape: readonly number[]): { fanIn: number; fanOut: number } {
  const field = sizeOf(shape.slice(0, -2));
  return { fanIn: field * (shape.at(-2) ?? 1), fanOut: field * (shape.at(-1) ?? 1) };
}
