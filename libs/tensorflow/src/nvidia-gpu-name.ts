import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Name of the first GPU that the NVIDIA driver lists, such as `NVIDIA H100 80GB HBM3`.
 *
 * @param gpusDir a folder for each GPU, with a file `information`
 * @returns `NVIDIA GPU` where the driver lists none, as in some containers
 */
export function nvidiaGpuName(gpusDir = '/proc/driver/nvidia/gpus'): string {
  const folders = existsSync(gpusDir) ? readdirSync(gpusDir).sort() : [];
  for (const folder of folders) {
    const information = join(gpusDir, folder, 'information');
    const model = existsSync(information)
      ? /^Model:\s+(.+)$/m.exec(readFileSync(information, 'utf8'))?.[1]
      : undefined;
    if (model !== undefined) return model.trim();
  }
  return 'NVIDIA GPU';
}
