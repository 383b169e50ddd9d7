import { join } from 'node:path';
import type { Rejection } from '../read-records.js';
import { readJsonLines } from '../json-lines.js';

/** Rows that were rejected for the same reason. */
export interface RejectionReason {
  code: string;
  column: string | null;
  count: number;
  /** The first of them. */
  firsts: Pick<Rejection, 'source' | 'line' | 'message' | 'raw'>[];
}

const NUM_FIRSTS = 3;
const MAX_RAW = 2_000;

/**
 * Reads `rejected.jsonl`.
 *
 * @returns by count, most first; of equal counts the one that was there first
 */
export async function readRejectionReasons(dir: string): Promise<RejectionReason[]> {
  const reasons = new Map<string, RejectionReason>();
  for await (const rejection of readJsonLines<Rejection>(join(dir, 'rejected.jsonl'))) {
    const { code, column, source, line, message, raw } = rejection;
    const key = `${code} ${column ?? ''}`;
    const reason = reasons.get(key) ?? { code, column, count: 0, firsts: [] };
    reasons.set(key, reason);
    reason.count++;
    if (reason.firsts.length < NUM_FIRSTS)
      reason.firsts.push({ source, line, message, raw: raw.slice(0, MAX_RAW) });
  }
  return [...reasons.values()].sort((a, b) => b.count - a.count);
}
