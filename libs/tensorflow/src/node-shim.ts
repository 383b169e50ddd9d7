import util from 'node:util';

/** Functions that Node 23 removed and that tfjs-node still calls. */
const REMOVED: Record<string, (value: unknown) => boolean> = {
  isNullOrUndefined: (value) => value === null || value === undefined,
  isArray: (value) => Array.isArray(value),
};

/** Puts back what a newer Node lacks; what is there stays as it is. */
export function restoreRemovedFunctions(
  target: object = util,
  majorVersion = Number(process.versions.node.split('.')[0]),
): void {
  if (majorVersion < 22) return; // still there, and without a deprecation warning
  for (const [name, replacement] of Object.entries(REMOVED))
    Object.defineProperty(target, name, { value: replacement, configurable: true, writable: true });
}
