import { addon, settings } from './prepare-engine.js';
import * as tf from '@tensorflow/tfjs-node-gpu';
import { cpus } from 'node:os';
import { readFileSync } from 'node:fs';

export { tf };

export interface EngineDescription {
  tensorflowVersion: string;
  tfjsVersion: string;
  /** Version and variant in one word, as manifests and lineage name it: `tensorflow-2.21.0-cpu`. */
  name: string;
  variant: 'cpu' | 'gpu';
  /** The device that computes: a build for GPUs computes on the CPU where it finds none. */
  device: string;
  addonPath: string;
  libraryPath: string;
  /** 0: as many as there are cores. */
  threads: number;
  deterministic: boolean;
  oneDnn: boolean;
  /** Vector instructions of the processor that matter for speed. */
  cpuFeatures: string[];
  numTensors: number;
  numBytes: number;
}

/** What the engine is, how it was told to compute and how much it holds. */
export function describeEngine(): EngineDescription {
  const { numTensors, numBytes } = tf.memory();
  return {
    tensorflowVersion: addon.tensorflowVersion,
    tfjsVersion: tf.version['tfjs-core'],
    name: `tensorflow-${addon.tensorflowVersion}-${addon.variant}`,
    variant: addon.variant,
    device: isUsingGpu() ? 'NVIDIA GPU' : (cpus()[0]?.model.trim() ?? 'CPU'),
    addonPath: addon.path,
    libraryPath: addon.libraryPath,
    ...settings,
    cpuFeatures: cpuFeatures(),
    numTensors,
    numBytes,
  };
}

function isUsingGpu(): boolean {
  return (tf.backend() as tf.KernelBackend & { isUsingGpuDevice: boolean }).isUsingGpuDevice; // of tfjs-node's backend
}

const FEATURES = ['sse4_2', 'avx', 'avx2', 'fma', 'avx512f', 'avx512_bf16', 'amx_bf16'];

function cpuFeatures(): string[] {
  const flags = /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.split(' ') ?? [];
  return FEATURES.filter((feature) => flags.includes(feature));
}
