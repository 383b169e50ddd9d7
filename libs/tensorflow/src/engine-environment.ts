import { AssayError } from '@assay/core';

type Environment = Record<string, string | undefined>;

/** How the engine was told to compute. It reads these switches once, when it is loaded. */
export interface EngineSettings {
  /** Number of threads, or 0 for as many as there are cores. */
  threads: number;
  /** Equal inputs give equal bits. */
  deterministic: boolean;
  /** Whether Intel's oneDNN kernels are used on a CPU. */
  oneDnn: boolean;
  /** Whether a GPU may round the inputs of matrix products and convolutions to TF32's 10 bits of mantissa. */
  tf32: boolean;
}

/**
 * Sets what TensorFlow reads from the environment when it is loaded. What the user has set himself stays.
 *
 * `ASSAY_THREADS` bounds the threads; `ASSAY_DETERMINISTIC=1` asks for equal bits from equal inputs. oneDNN is off unless
 * `TF_ENABLE_ONEDNN_OPTS=1`: it picks other kernels for a graph than for single operations, so that the two differ by 3e-4
 * after ten training steps of a transformer, and here it gained nothing. TF32 is off unless `NVIDIA_TF32_OVERRIDE=1`: with it
 * the same model gives logits that differ by up to 7e-3 between an H200 and a CPU, without it by up to 9e-6, so that a bundle
 * published on the one may be served on the other.
 *
 * @returns what TensorFlow will do, which is what the user's own switches say where he set them
 * @throws USAGE when `ASSAY_THREADS` is not a whole number
 */
export function applyEngineSettings(env: Environment = process.env): EngineSettings {
  const threads = threadsOf(env['ASSAY_THREADS']);
  const set = (name: string, value: string): void => {
    env[name] ??= value;
  };
  set('TF_CPP_MIN_LOG_LEVEL', '2');
  set('TF_ENABLE_ONEDNN_OPTS', '0');
  set('TF_FORCE_GPU_ALLOW_GROWTH', 'true');
  set('NVIDIA_TF32_OVERRIDE', '0');
  if (threads > 0) {
    set('TF_NUM_INTRAOP_THREADS', String(threads));
    set('TF_NUM_INTEROP_THREADS', String(threads));
    set('OMP_NUM_THREADS', String(threads));
  }
  if (env['ASSAY_DETERMINISTIC'] === '1') set('TF_DETERMINISTIC_OPS', '1');
  return {
    threads: Number(env['TF_NUM_INTRAOP_THREADS'] ?? 0),
    deterministic: isOn(env['TF_DETERMINISTIC_OPS']),
    oneDnn: isOn(env['TF_ENABLE_ONEDNN_OPTS']),
    tf32: env['NVIDIA_TF32_OVERRIDE'] !== '0',
  };
}

/** @see tensorflow/core/util/env_var.cc, `ReadBoolFromEnvVar` */
const isOn = (value: string | undefined): boolean => value === '1' || value?.toLowerCase() === 'true';

function threadsOf(value = ''): number {
  if (/^\d*$/.test(value)) return Number(value);
  throw new AssayError(
    'USAGE',
    `ASSAY_THREADS must be a whole number, 0 for as many threads as there are cores; got '${value}'. Fix: set it to a number, or unset it.`,
  );
}
