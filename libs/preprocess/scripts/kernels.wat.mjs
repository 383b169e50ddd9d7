// The inner loops of the resampler and of the conversion to grey, in WebAssembly's text format with 128-bit SIMD.
//
// A weight is an integer with 22 fractional bits, kept as two of 16 bits: weight = high * 2^11 + low, 0 <= low < 2^11,
// because one instruction multiplies eight pairs of 16-bit integers and adds neighbours. Weights lie in groups: the high
// halves, then the low halves; zeros fill the last group. So a loop may read 15 bytes, or a row, behind the pixels that
// count: that memory must exist, whatever it holds. Outputs are written in ascending order, a few bytes too many each.
//
// $bounds holds, for each output, the byte or row at which its pixels begin, and the bytes of its weights.

const ZERO = '(v128.const i32x4 0 0 0 0)';
const add = (a, b) => `(i32x4.add ${a} ${b})`;
const increase = (name, by) => `(local.set ${name} (i32.add (local.get ${name}) ${by}))`;
const constant = (value) => `(i32.const ${value})`;
/** Jumps back to a loop while a counter, made smaller by one, is not zero. */
const repeat = (loop, counter) =>
  `(br_if ${loop} (local.tee ${counter} (i32.sub (local.get ${counter}) ${constant(1)})))`;

/** $high and $low, with a suffix, grow by the products of $pairs and the weights at an offset from $weight. */
const multiplyAdd = (load, highOffset, lowOffset) =>
  [
    ['$high', highOffset],
    ['$low', lowOffset],
  ]
    .map(
      ([sum, offset]) =>
        `(local.set ${sum} ${add(`(local.get ${sum})`, `(i32x4.dot_i16x8_s (local.get $pairs) (${load} offset=${offset} (local.get $weight)))`)})`,
    )
    .join('\n');

/** high * 2^11 + low */
const joined = (high, low) => add(`(i32x4.shl ${high} ${constant(11)})`, low);
/** (sum + 2^21) >> 22 */
const rounded = (sum) =>
  `(i32x4.shr_s ${add(sum, '(v128.const i32x4 2097152 2097152 2097152 2097152)')} ${constant(22)})`;
/** Four lanes of 32 bits, clipped to 0..255, in the first four bytes. */
const clipped = (lanes) => `(local.set $pairs (i16x8.narrow_i32x4_s ${lanes} ${lanes}))
  (local.set $pairs (i8x16.narrow_i16x8_u (local.get $pairs) (local.get $pairs)))`;

/** Bytes of the lanes of 16 bits, in order; -1 gives 0. */
const spread = (vector, bytes) =>
  `(i8x16.swizzle ${vector} (v128.const i8x16 ${bytes.flatMap((byte) => [byte, -1]).join(' ')}))`;

/** Each of four lanes is a channel: the dot product adds two neighbouring pixels. */
const tapsOfColour = (channels) => {
  const pair = (first) =>
    [0, 1, 2, 3].flatMap((c) =>
      c < channels ? [first * channels + c, (first + 1) * channels + c] : [-1, -1],
    );
  return `(local.set $pixels (v128.load (local.get $pixel)))
    (local.set $pairs ${spread('(local.get $pixels)', pair(0))})
    ${multiplyAdd('v128.load32_splat', 0, 8)}
    (local.set $pairs ${spread('(local.get $pixels)', pair(2))})
    ${multiplyAdd('v128.load32_splat', 4, 12)}
    ${increase('$pixel', constant(4 * channels))}
    ${increase('$weight', constant(16))}`;
};
const storeColour = `${clipped(rounded(joined('(local.get $high)', '(local.get $low)')))}
  (v128.store32_lane 0 (local.get $dst) (local.get $pairs))`;

const tapsOfGrey = `(local.set $pairs (v128.load8x8_u (local.get $pixel)))
  ${multiplyAdd('v128.load', 0, 16)}
  ${increase('$pixel', constant(8))}
  ${increase('$weight', constant(32))}`;
const swapped = (bytes) => `(i8x16.shuffle ${bytes.join(' ')} (local.get $high) (local.get $high))`;
const storeGrey = `(local.set $high ${joined('(local.get $high)', '(local.get $low)')})
  (local.set $high ${add('(local.get $high)', swapped([8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7]))})
  (local.set $high ${add('(local.get $high)', swapped([4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11]))})
  ${clipped(rounded('(local.get $high)'))}
  (v128.store8_lane 0 (local.get $dst) (local.get $pairs))`;

/** Rows of pixels become rows of $width pixels. Groups of 4 weights; of 8 for one channel. */
const horizontal = (channels, taps, store) => `
  (func (export "horizontal${channels}")
    (param $src i32) (param $srcStride i32) (param $rows i32) (param $dst i32) (param $width i32)
    (param $bounds i32) (param $weights i32) (param $weightStride i32)
    (local $column i32) (local $bound i32) (local $row i32) (local $pixel i32) (local $weight i32) (local $end i32)
    (local $pixels v128) (local $pairs v128) (local $high v128) (local $low v128)
    (loop $nextRow
      (local.set $column (local.get $width))
      (local.set $bound (local.get $bounds))
      (local.set $row (local.get $weights))
      (loop $nextOutput
        (local.set $pixel (i32.add (local.get $src) (i32.load (local.get $bound))))
        (local.set $weight (local.get $row))
        (local.set $end (i32.add (local.get $row) (i32.load offset=4 (local.get $bound))))
        (local.set $high ${ZERO})
        (local.set $low ${ZERO})
        (loop $nextTaps
          ${taps}
          (br_if $nextTaps (i32.lt_u (local.get $weight) (local.get $end))))
        ${store}
        ${increase('$dst', constant(channels))}
        ${increase('$bound', constant(8))}
        ${increase('$row', '(local.get $weightStride)')}
        ${repeat('$nextOutput', '$column')})
      ${increase('$src', '(local.get $srcStride)')}
      ${repeat('$nextRow', '$rows')}))`;

const LANES = [0, 1, 2, 3];
/** Bytes 8k to 8k+7 of two rows, one of each in turn. */
const interleaved = (half) =>
  `(i8x16.shuffle ${Array.from({ length: 8 }, (_, i) => `${8 * half + i} ${16 + 8 * half + i}`).join(' ')} (local.get $upper) (local.get $lower))`;
const laneSum = (sum, lane, weights) =>
  `(local.set ${sum}${lane} ${add(`(local.get ${sum}${lane})`, `(i32x4.dot_i16x8_s (local.get $pairs) (local.get ${weights}))`)})`;
const result = (lane) => rounded(joined(`(local.get $high${lane})`, `(local.get $low${lane})`));

/** Columns of bytes, whatever the channels, 16 at a time. Groups of 2 weights. Source and output have rows of $stride. */
const vertical = `
  (func (export "vertical")
    (param $src i32) (param $stride i32) (param $rows i32) (param $dst i32)
    (param $bounds i32) (param $weights i32) (param $weightStride i32)
    (local $column i32) (local $top i32) (local $pixel i32) (local $weight i32) (local $end i32)
    (local $upper v128) (local $lower v128) (local $both v128) (local $pairs v128)
    (local $highWeights v128) (local $lowWeights v128)
    ${LANES.map((lane) => `(local $high${lane} v128) (local $low${lane} v128)`).join('\n')}
    (loop $nextRow
      (local.set $column ${constant(0)})
      (local.set $top (i32.add (local.get $src) (i32.mul (i32.load (local.get $bounds)) (local.get $stride))))
      (local.set $end (i32.add (local.get $weights) (i32.load offset=4 (local.get $bounds))))
      (loop $nextBytes
        (local.set $pixel (i32.add (local.get $top) (local.get $column)))
        (local.set $weight (local.get $weights))
        ${LANES.map((lane) => `(local.set $high${lane} ${ZERO}) (local.set $low${lane} ${ZERO})`).join('\n')}
        (loop $nextTaps
          (local.set $upper (v128.load (local.get $pixel)))
          (local.set $lower (v128.load (i32.add (local.get $pixel) (local.get $stride))))
          (local.set $highWeights (v128.load32_splat (local.get $weight)))
          (local.set $lowWeights (v128.load32_splat offset=4 (local.get $weight)))
          ${LANES.map(
            (lane) => `
          ${lane % 2 === 0 ? `(local.set $both ${interleaved(lane / 2)})` : ''}
          (local.set $pairs (i16x8.extend_${lane % 2 === 0 ? 'low' : 'high'}_i8x16_u (local.get $both)))
          ${laneSum('$high', lane, '$highWeights')}
          ${laneSum('$low', lane, '$lowWeights')}`,
          ).join('')}
          ${increase('$pixel', `(i32.shl (local.get $stride) ${constant(1)})`)}
          ${increase('$weight', constant(8))}
          (br_if $nextTaps (i32.lt_u (local.get $weight) (local.get $end))))
        (v128.store (i32.add (local.get $dst) (local.get $column))
          (i8x16.narrow_i16x8_u
            (i16x8.narrow_i32x4_s ${result(0)} ${result(1)})
            (i16x8.narrow_i32x4_s ${result(2)} ${result(3)})))
        ${increase('$column', constant(16))}
        (br_if $nextBytes (i32.lt_u (local.get $column) (local.get $stride))))
      ${increase('$dst', '(local.get $stride)')}
      ${increase('$bounds', constant(8))}
      ${increase('$weights', '(local.get $weightStride)')}
      ${repeat('$nextRow', '$rows')}))`;

/** Luma of RGB pixels: (19595 r + 38470 g + 7471 b + 2^15) >> 16. The weight of green comes in two halves of 16 bits. */
const grey = `
  (func (export "grey") (param $src i32) (param $dst i32) (param $numPixels i32)
    (local $end i32) (local $pixels v128) (local $pairs v128)
    (local.set $end (i32.add (local.get $dst) (local.get $numPixels)))
    (loop $next
      (local.set $pixels (v128.load (local.get $src)))
      (local.set $pixels (i32x4.shr_u
        ${add(
          add(
            `(i32x4.dot_i16x8_s ${spread('(local.get $pixels)', [0, 1, 3, 4, 6, 7, 9, 10])}
              (v128.const i16x8 19595 19235 19595 19235 19595 19235 19595 19235))`,
            `(i32x4.dot_i16x8_s ${spread('(local.get $pixels)', [1, 2, 4, 5, 7, 8, 10, 11])}
              (v128.const i16x8 19235 7471 19235 7471 19235 7471 19235 7471))`,
          ),
          '(v128.const i32x4 32768 32768 32768 32768)',
        )} ${constant(16)}))
      ${clipped('(local.get $pixels)')}
      (v128.store32_lane 0 (local.get $dst) (local.get $pairs))
      ${increase('$src', constant(12))}
      ${increase('$dst', constant(4))}
      (br_if $next (i32.lt_u (local.get $dst) (local.get $end)))))`;

export const KERNELS_WAT = `(module
  (memory (export "memory") 1)
${horizontal(1, tapsOfGrey, storeGrey)}
${horizontal(3, tapsOfColour(3), storeColour)}
${horizontal(4, tapsOfColour(4), storeColour)}
${vertical}
${grey})
`;
