export { distinctName } from './distinct-name.js';
export { expectNoLeak } from './expect-no-leak.js';
export { expectClose } from './expect-close.js';
export { referencePython, runReference, withReferences } from './reference-python.js';
export { expectReadmeShows } from './expect-readme-shows.js';
export { withTempDir } from './with-temp-dir.js';
