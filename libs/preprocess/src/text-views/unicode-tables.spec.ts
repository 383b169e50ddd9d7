import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { CASE_FOLDS, LATE_DECOMPOSITIONS, LOOK_ALIKES, RANGES, SKELETONS } from './unicode-tables.js';

const has = (ranges: (typeof RANGES)[keyof typeof RANGES], code: number): boolean =>
  ranges.some(([first, last]) => first <= code && code <= last);

describe('the Unicode tables', () => {
  it('are what the pinned packages give', () => {
    const script = join(__dirname, '../../scripts/build-unicode-tables.mjs');
    expect(() => execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' })).not.toThrow();
  }, 60_000);

  it.each([
    ['invisible', 0xad],
    ['invisible', 0x200b],
    ['invisible', 0x202e],
    ['invisible', 0x61c],
    ['invisible', 0xe0041],
    ['invisible', 0x3164],
    ['whiteSpace', 0x2800],
    ['whiteSpace', 0x3000],
    ['letters', 0x43a],
    ['marks', 0x301],
    ['numbers', 0x664],
    ['late', 0x1ccd6],
  ] as const)('%s holds U+%s', (name, code) => {
    expect(has(RANGES[name], code)).toBe(true);
  });

  it.each([
    ['invisible', 0x20],
    ['invisible', 0x2800],
    ['whiteSpace', 0x200b],
    ['letters', 0x34],
    ['marks', 0x34f],
    ['numbers', 0x61],
    ['late', 0x1fae8], // of Unicode 15.0
  ] as const)('%s does not hold U+%s', (name, code) => {
    expect(has(RANGES[name], code)).toBe(false);
  });

  it('map characters', () => {
    expect(CASE_FOLDS.get(0xdf)).toBe('ss');
    expect(CASE_FOLDS.get(0x3c2)).toBe('σ');
    expect(SKELETONS.get(0x435)).toBe('e');
    expect(SKELETONS.get(0x6d)).toBe('rn');
    expect(LOOK_ALIKES.get(0x41d)).toBe('H');
    expect(LOOK_ALIKES.get(0x43d)).toBeUndefined();
    expect(LATE_DECOMPOSITIONS.get(0x1ccd6)).toBe('A');
  });
});
