import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { existsSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import type { CommandModule } from 'yargs';
import { note, print, printJson, table } from '../output.js';
import { runCommand } from '../run-command.js';
import { assayHome } from '../workspace.js';

interface DoctorArguments {
  json: boolean | undefined;
}

export const doctorCommand: CommandModule<object, DoctorArguments> = {
  command: 'doctor',
  describe: 'Print what this machine has, and how fast the engine is on it',
  builder: { json: { type: 'boolean', describe: 'Print as JSON' } },
  handler: ({ json }) =>
    runCommand(async () => {
      const facts = await collectFacts();
      if (json === true) return printJson(facts);
      print(
        table([['what', 'found'], ...Object.entries(facts).map(([what, found]) => [what, String(found)])]),
      );
    }),
};

async function collectFacts(): Promise<Record<string, string | number | boolean>> {
  const { describeEngine, measureEngine } = await import('@assay/tensorflow');
  const { localServerStatus } = await import('@assay/mlflow-server');
  const engine = describeEngine();
  note('measuring the engine for 2 seconds …');
  const speed = measureEngine();
  const server = await localServerStatus({ home: assayHome() });
  return {
    node: process.version,
    compiler: firstLineOf(process.env['CXX'] ?? 'g++', ['--version']),
    python: firstLineOf('python3', ['--version']),
    tensorflow: engine.tensorflowVersion,
    tfjs: engine.tfjsVersion,
    device: engine.device,
    addon: engine.addonPath,
    library: engine.libraryPath,
    threads: engine.threads,
    deterministic: engine.deterministic,
    cpuFeatures: engine.cpuFeatures.join(' '),
    mlflow: process.env['MLFLOW_TRACKING_URI'] ?? (server.running ? server.uri : 'local server, not running'),
    freeDiskGB: freeDiskGB(assayHome()),
    matmulGflops: round(speed.matmulGflops),
    convolutionGflops: round(speed.convolutionGflops),
  };
}

const round = (x: number): number => Math.round(x * 10) / 10;

function firstLineOf(command: string, args: string[]): string {
  try {
    return (
      execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n')[0] ??
      ''
    );
  } catch {
    return 'not found';
  }
}

/** Free space of the disk that holds `path`, in 10⁹ bytes. */
function freeDiskGB(path: string): number {
  const existing = existsSync(path) ? path : dirname(path);
  const { bavail, bsize } = statfsSync(existing);
  return round((bavail * bsize) / 1e9);
}
