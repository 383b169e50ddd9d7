import { tf } from './engine.js';

export interface EngineSpeed {
  /** 10⁹ floating-point operations per second of a 512³ matrix product. */
  matmulGflops: number;
  /** 10⁹ floating-point operations per second of a 3×3 convolution, 16 → 32 channels, on 32 images of 64×64. */
  convolutionGflops: number;
}

const MATRIX = 512;
const BATCH = 32;
const SIZE = 64;
const CHANNELS_IN = 16;
const CHANNELS_OUT = 32;
const KERNEL = 3;

/** Measures a matrix product and a convolution, the best of many tries each, for about `seconds` in all. */
export function measureEngine(seconds = 2): EngineSpeed {
  return tf.tidy(() => {
    const matrix = tf.ones([MATRIX, MATRIX]);
    const image_BHWC = tf.ones<tf.Rank.R4>([BATCH, SIZE, SIZE, CHANNELS_IN]);
    const filter = tf.ones<tf.Rank.R4>([KERNEL, KERNEL, CHANNELS_IN, CHANNELS_OUT]);
    const matmulSeconds = fastest(() => tf.matMul(matrix, matrix), seconds / 2);
    const convolutionSeconds = fastest(() => tf.conv2d(image_BHWC, filter, 1, 'same'), seconds / 2);
    return {
      matmulGflops: (2 * MATRIX ** 3) / matmulSeconds / 1e9,
      convolutionGflops:
        (2 * BATCH * SIZE ** 2 * KERNEL ** 2 * CHANNELS_IN * CHANNELS_OUT) / convolutionSeconds / 1e9,
    };
  });
}

function fastest(compute: () => tf.Tensor, seconds: number): number {
  const end = performance.now() + seconds * 1000;
  let best = Infinity;
  do {
    const start = performance.now();
    const result = compute();
    result.dataSync(); // waits for a device that computes in the background
    result.dispose();
    best = Math.min(best, (performance.now() - start) / 1000);
  } while (performance.now() < end);
  return best;
}
