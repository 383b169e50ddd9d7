// The sides of bench/compiled, each in a process of its own.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import '../build-libraries.mjs';

const here = dirname(fileURLToPath(import.meta.url));
export const ROOT = join(here, '..', '..');
export const MODELS = JSON.parse(readFileSync(join(here, 'models.json'), 'utf8'));
export const { engine, python } = JSON.parse(readFileSync(join(ROOT, '.assay', 'setup.json'), 'utf8'));
const TIMEOUT_MS = 20 * 60_000;

// On a GPU the peers need builds for it: another Python that has them.
const peersPython = process.env.ASSAY_PEERS_PYTHON ?? python.peers;
const node = (file) => [process.execPath, join(here, file)];
const peer = (file, mode) => [peersPython, join(here, file), '--mode', mode];
const COMMANDS = {
  own: node('own.cjs'),
  keras: peer('keras_peer.py', 'train_on_batch'),
  'keras-jit': peer('keras_peer.py', 'jit'), // what Keras chooses by itself on a GPU
  'keras-function': peer('keras_peer.py', 'function'),
  torch: peer('torch_peer.py', 'eager'),
  'torch-compile': peer('torch_peer.py', 'compile'),
  layers: node('layers.cjs'),
};

/**
 * The sides of a comma-separated list that there are; all of them without a list.
 *
 * @throws when a name is unknown, or when the peers are not installed
 */
export function sidesOf(list) {
  return (list?.split(',') ?? Object.keys(COMMANDS)).filter((side) => {
    if (COMMANDS[side] === undefined)
      throw new Error(`no such side: ${side}; there are ${Object.keys(COMMANDS).join(', ')}`);
    const [program, file] = COMMANDS[side];
    if (!program || !existsSync(program))
      throw new Error('the Python peers are missing; run: npm run setup -- --with peers');
    if (!existsSync(file)) console.error(`${side} is left out: there is no ${file}`);
    return existsSync(file);
  });
}

/** What all sides have in their environment. */
const environmentFor = (threads) => ({
  ...process.env,
  ASSAY_THREADS: threads,
  TF_NUM_INTRAOP_THREADS: threads,
  TF_NUM_INTEROP_THREADS: threads,
  TF_ENABLE_ONEDNN_OPTS: '1',
  TF_CPP_MIN_LOG_LEVEL: '3',
  NVIDIA_TF32_OVERRIDE: '1', // as the peers have it by default, or ask for it
  OMP_NUM_THREADS: threads,
  OMP_WAIT_POLICY: 'passive',
});

/**
 * One process of a side.
 *
 * @param args { model, batch, steps, warmup, threads, dropout? } as texts
 * @param variables more variables of its environment
 * @returns the line that it printed, or { failed } with the end of what it said
 */
export async function runSide(side, args, variables = {}) {
  const [command, ...first] = COMMANDS[side];
  const child = spawn(command, [...first, ...Object.entries(args).flatMap(([k, v]) => [`--${k}`, v])], {
    ...{ cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], timeout: TIMEOUT_MS, killSignal: 'SIGKILL' },
    env: { ...environmentFor(args.threads), ...variables },
  });
  const [stdout, stderr, status] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    new Promise((resolve) => {
      child.on('error', (error) => resolve(error.message));
      child.on('close', (code, signal) => resolve(code ?? signal));
    }),
  ]);
  if (status !== 0)
    return { failed: `ended with ${status}\n${stderr.trim().split('\n').slice(-8).join('\n')}` };
  const line = stdout.trim().split('\n').at(-1);
  try {
    return checked(JSON.parse(line), args);
  } catch (error) {
    return { failed: `${error.message}; printed: ${line.slice(0, 200)}` };
  }
}

/** A side with another model would be measured at something else. */
function checked(run, { model, steps }) {
  const { parameters } = MODELS[model];
  if (run.parameters !== parameters)
    throw new Error(`the model has ${run.parameters} trainable parameters, and ${parameters} are expected`);
  if (run.millisecondsPerStep?.length !== Number(steps))
    throw new Error(`${run.millisecondsPerStep?.length} steps were timed, and ${steps} are expected`);
  if (![...run.losses, run.lastLoss].every(Number.isFinite)) throw new Error('a loss is not finite');
  return run;
}

async function textOf(stream) {
  let text = '';
  for await (const chunk of stream) text += chunk;
  return text;
}
