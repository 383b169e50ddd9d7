import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withTempDir } from '@assay/testing';
import type { ImageFingerprint } from './duplicates/find-duplicates.js';
import { FingerprintJournal } from './fingerprint-journal.js';

const fingerprint = (value: number): ImageFingerprint => ({
  ...{ digest: `d${value}`, isFlat: value % 2 === 0, colors: Uint8Array.of(value, 255) },
  ...{ hash64: new Uint8Array(8).fill(value), mirrored64: new Uint8Array(8).fill(value + 1) },
  ...{ hash256: new Uint8Array(32).fill(value + 2), mirrored256: new Uint8Array(32).fill(value + 3) },
});

async function noted(path: string): Promise<void> {
  const journal = await FingerprintJournal.open(path);
  journal.add('a', fingerprint(1));
  journal.add('b', fingerprint(2));
  await journal.flush();
}

it('gives back what was noted, and goes on behind it', () =>
  withTempDir(async (dir) => {
    const path = join(dir, 'journal');
    await noted(path);
    const again = await FingerprintJournal.open(path);
    expect([again.get('a'), again.get('b'), again.get('c')]).toEqual([
      fingerprint(1),
      fingerprint(2),
      undefined,
    ]);
    again.add('c', fingerprint(3));
    again.add('a', fingerprint(9)); // known
    await again.flush();
    const third = await FingerprintJournal.open(path);
    expect([third.get('a'), third.get('c')]).toEqual([fingerprint(1), fingerprint(3)]);
  }));

it.each([
  ['a line that was cut off', (text: string) => text.slice(0, -20)],
  ['a whole line without its end', (text: string) => text.slice(0, -1)],
  ['a block of zeros', (text: string) => `${text.slice(0, text.indexOf('\n') + 1)}\0\0\0\0`],
])('drops %s', (_, spoil) =>
  withTempDir(async (dir) => {
    const path = join(dir, 'journal');
    await noted(path);
    const whole = readFileSync(path, 'utf8');
    writeFileSync(path, spoil(whole));
    const journal = await FingerprintJournal.open(path);
    expect([journal.get('a'), journal.get('b')]).toEqual([fingerprint(1), undefined]);
    journal.add('b', fingerprint(2));
    await journal.flush();
    expect(readFileSync(path, 'utf8')).toBe(whole);
  }),
);
