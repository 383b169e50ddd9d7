export { describeEngine, tf, type EngineDescription } from './engine.js';
export { measureEngine, type EngineSpeed } from './measure-engine.js';
export type { EngineSettings } from './engine-environment.js';
