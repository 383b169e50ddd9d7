import type { AssayError } from '@assay/core';
import { unknownName } from '../check-settings.js';
import { captureStack, originOf } from '../origin.js';
import type { Tensors } from './model-definition.js';

/** What JavaScript itself asks objects for: whether they are promises, and how they become JSON. */
const PROBES: readonly string[] = ['then', 'toJSON'];

/**
 * The tensors, but asking for a name that they lack throws. `in`, spreading, `Object.keys` and the like see the tensors.
 *
 * @param refuse makes the error; default: there is no such `noun`
 */
export function guardNames(
  noun: string,
  tensors: Tensors,
  refuse: (name: string, origin: string) => AssayError | undefined = () => undefined,
): Tensors {
  const known = Object.keys(tensors);
  return new Proxy(tensors, {
    get: (target, name): unknown => {
      if (typeof name === 'symbol' || name in target || PROBES.includes(name))
        return Reflect.get(target, name);
      const origin = originOf(captureStack());
      throw (
        refuse(name, origin) ??
        unknownName(noun, name, known, origin, `; where it may be missing, ask for it with 'in' first`)
      );
    },
  });
}
