import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Random } from '@assay/core';
import { withTempDir } from '@assay/testing';
import { photoSource, writePhotoSource } from './photo-source.fixture.js';
import { prepareStage } from './prepare-stage.js';

const CHILD = join(__dirname, 'prepare-child.fixture.cjs');
const PHASES = ['read source', 'check records', 'encode records'];
/** Milliseconds after the end of a phase; the next one takes about as long. */
const LONGEST_DELAY_MS = 120;

/** Starts the stage and kills it some time after a phase. @returns whether it was still running */
async function killAfter(dir: string, phase: string | undefined, delayMs: number): Promise<boolean> {
  const child = spawn(process.execPath, [CHILD, dir], { stdio: ['ignore', 'ignore', 'pipe'] });
  const exit = once(child, 'exit');
  for await (const line of createInterface({ input: child.stderr }))
    if (phase !== undefined && line.startsWith(phase)) break;
  await Promise.race([exit, new Promise((resolve) => setTimeout(resolve, delayMs))]);
  child.kill('SIGKILL');
  const [, signal] = (await exit) as [number | null, string | null]; // of a child process
  return signal === 'SIGKILL';
}

it('a run that is killed at any moment leaves nothing half done, and the next one gives the same bytes', async () => {
  await withTempDir(async (root) => {
    const original = join(root, 'original');
    mkdirSync(original);
    await writePhotoSource(original);
    const undisturbed = await prepareStage(photoSource(original));
    const manifest = readFileSync(join(undisturbed.dir, 'manifest.json'), 'utf8');
    const random = new Random(5, 'kills');
    let numKilled = 0;
    for (let i = 0; i < 10; i++) {
      const dir = join(root, String(i));
      cpSync(join(original, 'source'), join(dir, 'source'), { recursive: true });
      if (await killAfter(dir, PHASES[i % PHASES.length], random.uniform() * LONGEST_DELAY_MS)) {
        numKilled++;
        expect(readdirSync(dir)).not.toContain('prepared');
      }
      await prepareStage(photoSource(dir));
      expect(readFileSync(join(dir, 'prepared', 'manifest.json'), 'utf8')).toBe(manifest);
      expect(readdirSync(dir).sort()).toEqual(['prepared', 'prepared.inputs.jsonl', 'source']);
    }
    expect(numKilled).toBeGreaterThanOrEqual(6);
  });
}, 600_000);
