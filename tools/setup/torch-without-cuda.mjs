import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findCompiler } from './prerequisites.mjs';
import { runProcess, tail } from './run-process.mjs';
import { SetupError } from './setup-error.mjs';

const SCRIPT = join(dirname(fileURLToPath(import.meta.url)), 'torch-without-cuda.py');

/** Compiles what torch wants of NVIDIA's libraries, which `requirements/peers.txt` leaves out, and loads it once. */
export async function placeCudaPlaceholders(python) {
  const program =
    'import runpy, sys, sysconfig; sys.argv[1:1] = [sysconfig.get_path("purelib") + "/torch/lib"]; ' +
    `runpy.run_path(${JSON.stringify(SCRIPT)}, run_name="__main__"); import torch`;
  const { status, output } = await runProcess(python, ['-c', program, await findCompiler()]);
  if (status !== 0)
    throw new SetupError(
      'PIP',
      `torch does not load without NVIDIA's libraries:\n${tail(output)}`,
      "apt-get install g++ binutils; after a change of torch's pin, also compare requirements/peers-no-deps.in with what it needs",
    );
}
