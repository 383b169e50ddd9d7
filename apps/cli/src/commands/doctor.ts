import { execFileSync } from 'node:child_process';
import { existsSync, statfsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { AssayError } from '@assay/core';
import type { EngineDescription } from '@assay/tensorflow';
import type { CommandModule } from 'yargs';
import { note, print, printJson, table } from '../output.js';
import { runCommand } from '../run-command.js';
import { withoutCredentials } from '../tracking.js';
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
        table([
          ['what', 'found'],
          ...Object.entries(facts).map(([what, found]) => [what, describeFact(what, found)]),
        ]),
      );
    }),
};

/** A fact for people, where its value alone does not say what it means; `--json` prints the value. */
export function describeFact(what: string, found: string | number | boolean): string {
  if (what === 'threads' && found === 0) return `all cores (${availableParallelism()})`;
  if (what === 'deterministic') return found === true ? 'yes' : 'no (set ASSAY_DETERMINISTIC=1)';
  return String(found);
}

type Facts = Record<string, string | number | boolean>;

/** Each fact by itself: what is missing is said, and hides nothing else. */
async function collectFacts(): Promise<Facts> {
  return {
    node: process.version,
    compiler: firstLineOf(process.env['CXX'] ?? 'g++', ['--version']),
    python: firstLineOf('python3', ['--version']),
    ...(await orProblem('tensorflow', engineFacts)),
    ...(await orProblem('mlflow', mlflowFacts)),
    ...(await orProblem('freeDiskGB', () => ({ freeDiskGB: freeDiskGB(assayHome()) }))),
  };
}

async function orProblem(name: string, facts: () => Facts | Promise<Facts>): Promise<Facts> {
  try {
    return await facts();
  } catch (error) {
    if (error instanceof AssayError) process.exitCode = error.exitStatus;
    else throw error;
    return { [name]: `${error.code}: ${error.message}` };
  }
}

async function engineFacts(): Promise<Facts> {
  const { describeEngine, measureEngine } = await import('@assay/tensorflow');
  const engine = describeEngine();
  note('measuring the engine for 2 seconds …');
  const speed = measureEngine();
  return {
    tensorflow: engine.tensorflowVersion,
    tfjs: engine.tfjsVersion,
    build: engine.variant,
    device: deviceOf(engine),
    addon: engine.addonPath,
    library: engine.libraryPath,
    threads: engine.threads,
    deterministic: engine.deterministic,
    cpuFeatures: engine.cpuFeatures.join(' '),
    matmulGflops: round(speed.matmulGflops),
    convolutionGflops: round(speed.convolutionGflops),
  };
}

/** Says so when a build for GPUs computes on the CPU, since that is slow without an error. */
const deviceOf = ({ device, deviceKind, variant }: EngineDescription): string =>
  variant === deviceKind ? device : `${device} (the GPU build found no usable GPU)`;

async function mlflowFacts(): Promise<Facts> {
  const configured = process.env['MLFLOW_TRACKING_URI'];
  if (configured !== undefined && configured !== '') return { mlflow: withoutCredentials(configured) };
  const { localServerStatus } = await import('@assay/mlflow-server');
  const server = await localServerStatus({ home: assayHome() });
  return { mlflow: server.running ? server.uri : 'local server, not running' };
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
  let existing = path;
  while (!existsSync(existing)) existing = dirname(existing);
  const { bavail, bsize } = statfsSync(existing);
  return round((bavail * bsize) / 1e9);
}
