import { addon, settings } from './prepare-engine.js';
import * as tf from '@tensorflow/tfjs-node-gpu';
import { cpus } from 'node:os';
import { readFileSync } from 'node:fs';
import { nvidiaGpuName } from './nvidia-gpu-name.js';

export { tf };

export interface EngineDescription {
  tensorflowVersion: string;
  tfjsVersion: string;
  /** Version and kind of device, as manifests and lineage name it: `tensorflow 2.21.0 cpu`. */
  name: string;
  variant: 'cpu' | 'gpu';
  /** Name of the device that computes: a build for GPUs computes on the CPU where it finds none. */
  device: string;
  deviceKind: 'cpu' | 'gpu';
  addonPath: string;
  libraryPath: string;
  /** 0: as many as there are cores. */
  threads: number;
  deterministic: boolean;
  oneDnn: boolean;
  tf32: boolean;
  /** Vector instructions of the processor that matter for speed. */
  cpuFeatures: string[];
  numTensors: number;
  numBytes: number;
}

/** What the engine is, how it was told to compute and how much it holds. */
export function describeEngine(): EngineDescription {
  const { numTensors, numBytes } = tf.memory();
  const deviceKind = isUsingGpu() ? 'gpu' : 'cpu';
  return {
    tensorflowVersion: addon.tensorflowVersion,
    tfjsVersion: tf.version['tfjs-core'],
    name: `tensorflow ${addon.tensorflowVersion} ${deviceKind}`,
    variant: addon.variant,
    device: deviceKind === 'gpu' ? nvidiaGpuName() : (cpus()[0]?.model.trim() ?? 'CPU'),
    deviceKind,
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
