export { expectNoLeak } from './expect-no-leak.js';
export { expectClose } from './expect-close.js';
export { withTempDir } from './with-temp-dir.js';
