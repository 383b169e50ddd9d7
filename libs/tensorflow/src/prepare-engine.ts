import { dirname } from 'node:path';
import { findAddon } from './addon-file.js';
import { applyEngineSettings } from './engine-environment.js';
import { restoreRemovedFunctions } from './node-shim.js';

// Runs before the engine is loaded, because it is imported before it.
restoreRemovedFunctions();

/** The switches that the engine was loaded with. */
export const settings = applyEngineSettings();

/** The addon that is loaded. */
export const addon = findAddon(dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json')));
