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
  };

  it('gives 1, 0 and null for unknown', () => {
    expect(parseLabels(config, cellsOf({ w: 'yes', c: '0' }))).toEqual({ labels: [1, 0], classIndex: null });
    expect(parseLabels(config, cellsOf({ w: '0', c: ' ' }))).toEqual({ labels: [0, null], classIndex: null });
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
  };
  const byVotes: LabelsConfig = {
    kind: 'multi-class',
    classes: [
      { name: 'made', votes: 'v1' },
      { name: 'sourced', votes: 'v2' },
      { name: 'picked', votes: 'v3' },
    ],
  };

  it('gives 1 to the class in the column', () => {
    expect(parseLabels(byColumn, cellsOf({ role: 'Sourced by' }))).toEqual({ labels: [0, 1], classIndex: 1 });
    expect(parseLabels(byColumn, cellsOf({ role: '' }))).toEqual({ labels: [null, null], classIndex: null });
    expect(() => parseLabels(byColumn, cellsOf({ role: 'sourced' }))).toThrow(
      expect.objectContaining({ code: 'LABEL_UNKNOWN' }) as Error,
    );
  });

  it('gives each class its share of the votes', () => {
    expect(parseLabels(byVotes, cellsOf({ v1: '1', v2: '3', v3: '' }))).toEqual({
      labels: [0.25, 0.75, 0],
      classIndex: 1,
    });
  });

  it('names no class when two have most votes, and knows nothing without votes', () => {
    expect(parseLabels(byVotes, cellsOf({ v1: '2', v2: '2' }))).toEqual({
      labels: [0.5, 0.5, 0],
      classIndex: null,
    });
    expect(parseLabels(byVotes, cellsOf({ v1: '0' }))).toEqual({
      labels: [null, null, null],
      classIndex: null,
    });
  });

  it('takes the class of the column beside the votes', () => {
    const both: LabelsConfig = { ...byVotes, column: 'role' };
    expect(parseLabels(both, cellsOf({ v1: '1', v2: '3', v3: '0', role: 'made' }))).toEqual({
      labels: [0.25, 0.75, 0],
      classIndex: 0,
    });
  });

  it('refuses fewer than no votes', () => {
    expect(() => parseLabels(byVotes, cellsOf({ v1: '-1' }))).toThrow(
      expect.objectContaining({ code: 'RECORD_INVALID', details: { column: 'v1' } }) as Error,
    );
  });
});
