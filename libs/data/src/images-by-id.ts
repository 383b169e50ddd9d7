import { posix } from 'node:path';
import { findFiles } from './sources/find-files.js';

/**
 * The images of a folder by the id of their record.
 *
 * @param pattern names below the folder, with `{id}` for the id; `*` and `?` match no slash. Where a name could be split
 *   in several ways, the id is the longest.
 * @param directory folder, relative to the data root
 * @returns paths relative to the data root, sorted
 * @throws FILE_NOT_FOUND when no file matches
 */
export async function imagesById(
  pattern: string,
  directory: string,
  dataRoot: string,
): Promise<ReadonlyMap<string, string[]>> {
  const full = posix.join(directory, pattern);
  const expression = new RegExp(`^${full.split(WILDCARD).map(asExpression).join('')}$`, 'su');
  const images = new Map<string, string[]>();
  for (const path of await findFiles(full.replace('{id}', '*'), dataRoot)) {
    const id = expression.exec(path)?.[1];
    if (id === undefined) continue;
    const paths = images.get(id) ?? [];
    paths.push(path);
    images.set(id, paths);
  }
  return images;
}

const WILDCARD = /(\{id\}|[*?])/;

function asExpression(part: string): string {
  if (part === '{id}') return '([^/]+)';
  if (part === '*') return '[^/]*';
  return part === '?' ? '[^/]' : part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
