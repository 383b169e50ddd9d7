// What the numbers were measured on.
import { spawnSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';

/** @param variant of the engine: 'cpu' or 'gpu' */
export function describeMachine(variant) {
  const gpu = spawnSync('nvidia-smi', ['--query-gpu=name', '--format=csv,noheader'], { encoding: 'utf8' });
  return {
    cpu: cpus()[0].model,
    cores: cpus().length,
    memoryGB: Math.round(totalmem() / 1e9),
    ...(variant === 'gpu' && gpu.status === 0 ? { gpu: gpu.stdout.trim() } : {}),
  };
}
