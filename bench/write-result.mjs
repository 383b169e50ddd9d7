// A stopped run leaves the result before it, or a whole new one.
import { renameSync, writeFileSync } from 'node:fs';

export function writeResult(path, result) {
  writeFileSync(`${path}.tmp`, `${JSON.stringify(result, null, 2)}\n`);
  renameSync(`${path}.tmp`, path);
}
