import type { LabelsConfig } from '@assay/config';
import { parseLabels } from './parse-labels.js';

const cellsOf =
  (cells: Record<string, string>) =>
  (column: string): string =>
    cells[column] ?? '';

describe('parseLabels, multi-label', () => {
  const config: LabelsConfig = {
    kind: 'multi-label',
    policies: [
      { name: 'weapons', column: 'w', positive: ['1', 'yes'], negative: ['0'] },
      { name: 'claims', column: 'c', positive: ['1'], negative: ['0'] },
    ],
    weightByVotes: false,
  };
  const byVotes: LabelsConfig = {
    ...config,
    policies: ['w', 'c'].map((name) => ({
      ...{ name, positive: ['1'], negative: ['0'] },
      votes: { positive: `${name}+`, negative: `${name}-` },
    })),
  };

  it('gives 1, 0 and null for unknown', () => {
    expect(parseLabels(config, cellsOf({ w: 'yes', c: '0' }))).toEqual({
      labels: [1, 0],
      classIndex: null,
      weight: 1,
    });
    expect(parseLabels(config, cellsOf({ w: '0', c: ' ' }))).toEqual({
      labels: [0, null],
      classIndex: null,
      weight: 1,
    });
  });

  it('gives the share of the raters who said yes, and nothing where nobody voted', () => {
    const cells = cellsOf({ 'w+': '3', 'w-': '1', 'c+': '0', 'c-': '' });
    expect(parseLabels(byVotes, cells)).toEqual({ labels: [0.75, null], classIndex: null, weight: 1 });
  });

  it('weighs a record by its votes: the mean over the policies that have any', () => {
    const weighed = { ...byVotes, weightByVotes: true };
    const weightOf = (cells: Record<string, string>): number => parseLabels(weighed, cellsOf(cells)).weight;
    expect(weightOf({ 'w+': '3', 'w-': '1', 'c+': '2', 'c-': '0' })).toBe(3);
    expect(weightOf({ 'w+': '3', 'w-': '1' })).toBe(4);
    expect(weightOf({})).toBe(1);
  });

  it('refuses a value that the config does not list', () => {
    expect(() => parseLabels(config, cellsOf({ w: 'maybe', c: '0' }))).toThrow(
      expect.objectContaining({ code: 'LABEL_UNKNOWN', details: { column: 'w' } }) as Error,
    );
  });
});

describe('parseLabels, multi-class', () => {
  const byColumn: LabelsConfig = {
    kind: 'multi-class',
    column: 'role',
    classes: [{ name: 'made' }, { name: 'sourced', value: 'Sourced by' }],
    ordered: false,
    weightByVotes: false,
  };
  const byVotes: LabelsConfig = {
    kind: 'multi-class',
    classes: [
      { name: 'made', votes: 'v1' },
      { name: 'sourced', votes: 'v2' },
      { name: 'picked', votes: 'v3' },
    ],
    ordered: false,
    weightByVotes: false,
  };

  it('gives 1 to the class in the column', () => {
    expect(parseLabels(byColumn, cellsOf({ role: 'Sourced by' }))).toEqual({
      labels: [0, 1],
      classIndex: 1,
      weight: 1,
    });
    expect(parseLabels(byColumn, cellsOf({ role: '' }))).toEqual({
      labels: [null, null],
      classIndex: null,
      weight: 1,
    });
    expect(() => parseLabels(byColumn, cellsOf({ role: 'sourced' }))).toThrow(
      expect.objectContaining({ code: 'LABEL_UNKNOWN' }) as Error,
    );
  });

  it('gives each class its share of the votes', () => {
    expect(parseLabels(byVotes, cellsOf({ v1: '1', v2: '3', v3: '' }))).toEqual({
      labels: [0.25, 0.75, 0],
      classIndex: 1,
      weight: 1,
    });
  });

  it('names no class when two have most votes, and knows nothing without votes', () => {
    expect(parseLabels(byVotes, cellsOf({ v1: '2', v2: '2' }))).toEqual({
      labels: [0.5, 0.5, 0],
      classIndex: null,
      weight: 1,
    });
    expect(parseLabels(byVotes, cellsOf({ v1: '0' }))).toEqual({
      labels: [null, null, null],
      classIndex: null,
      weight: 1,
    });
  });

  it('takes the class of the column beside the votes', () => {
    const both: LabelsConfig = { ...byVotes, column: 'role' };
    expect(parseLabels(both, cellsOf({ v1: '1', v2: '3', v3: '0', role: 'made' }))).toEqual({
      labels: [0.25, 0.75, 0],
      classIndex: 0,
      weight: 1,
    });
  });

  it('weighs a record by its votes', () => {
    const weighed = { ...byVotes, weightByVotes: true };
    expect(parseLabels(weighed, cellsOf({ v1: '1', v2: '3' })).weight).toBe(4);
    expect(parseLabels(weighed, cellsOf({})).weight).toBe(1);
  });

  it('refuses fewer than no votes', () => {
    expect(() => parseLabels(byVotes, cellsOf({ v1: '-1' }))).toThrow(
      expect.objectContaining({ code: 'RECORD_INVALID', details: { column: 'v1' } }) as Error,
    );
  });
});
