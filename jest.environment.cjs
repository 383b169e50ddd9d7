// The native addon creates typed arrays in Node's outer realm; give tests the same constructors.
const { TestEnvironment } = require('jest-environment-node');

const NAMES = [
  'Float32Array',
  'Int32Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Uint16Array',
  'Int8Array',
  'Int16Array',
  'Uint32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
  'ArrayBuffer',
  'SharedArrayBuffer',
];

module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup();
    for (const name of NAMES) this.global[name] = globalThis[name];
  }
};
