// Weights and data made from a name and the position of an element alone; formula.py makes the same, to the bit.

/** FNV-1a of a name. */
function startOf(name) {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(name)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

/** Number `n` of a sequence that is uniform in [0, 1), by 32-bit hashing. */
function uniform(n) {
  let x = Math.imul(n, 0x9e3779b1) >>> 0;
  x = Math.imul(x ^ (x >>> 15), 0x85ebca77) >>> 0;
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae3d) >>> 0;
  return ((x ^ (x >>> 16)) >>> 8) / 2 ** 24;
}

const sizeOf = (shape) => shape.reduce((product, dim) => product * dim, 1);

/** The limit of Glorot and Bengio 2010; the last two axes are in and out, those before them a window. */
function glorotLimit(shape) {
  const [fanIn, fanOut] = shape.slice(-2);
  return Math.sqrt(6 / (sizeOf(shape.slice(0, -2)) * (fanIn + fanOut)));
}

/**
 * Initial value of a parameter. The end of its name decides: `/weight` and `/kernel` are Glorot-uniform, `/scale` is within
 * 0.05 of 1, all others (tables and biases) are within 0.05 of 0.
 */
function initialValue(name, shape) {
  const limit = /\/(weight|kernel)$/.test(name) ? glorotLimit(shape) : 0.05;
  const centre = name.endsWith('/scale') ? 1 : 0;
  const start = startOf(name);
  return Float32Array.from(
    { length: sizeOf(shape) },
    (_, i) => centre + limit * (2 * uniform(start + i) - 1),
  );
}

module.exports = { initialValue, startOf, uniform };
