import { join } from 'node:path';
import { readJsonLines } from '../json-lines.js';

/** Sets of records that duplicates and groups hold together. */
export interface ComponentFacts {
  count: number;
  /** Records in them. */
  numRecords: number;
  largest: number;
}

/** @param dir the stage directory with `components.jsonl` */
export async function readComponentSizes(dir: string): Promise<ComponentFacts> {
  const facts: ComponentFacts = { count: 0, numRecords: 0, largest: 0 };
  for await (const { ids } of readJsonLines<{ ids: string[] }>(join(dir, 'components.jsonl'))) {
    facts.count++;
    facts.numRecords += ids.length;
    facts.largest = Math.max(facts.largest, ids.length);
  }
  return facts;
}
