import type { PreparedRecord } from '../prepared-record.js';

/** A record that lacks nothing. */
export const recordOf = (own: Partial<PreparedRecord> = {}): PreparedRecord => ({
  id: 'r1',
  source: 'rows.csv',
  line: 2,
  text: { title: 'A ring' },
  unit: 'r1',
  images: [],
  imageDigests: [],
  fingerprints: [],
  labels: [0],
  classIndex: null,
  weight: 1,
  group: 's1',
  timeMs: 0,
  slices: { colour: 'red' },
  ...own,
});
