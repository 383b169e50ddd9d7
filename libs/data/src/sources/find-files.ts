import { lstatSync, statSync, type Stats } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { AssayError, systemCodeOf } from '@assay/core';
import { asFileError } from './byte-chunks.js';

/**
 * The files that paths and patterns name, each once, sorted by their path, so that the order of the file system changes
 * nothing. A path that exists is taken as it is, whatever characters it has. `*` and `?` match no slash and no dot at the
 * start of a name; `**` matches any number of folders; `[a-z]`, `[!a]` and `{a,b}` are understood.
 *
 * @param patterns relative to the root, with forward slashes
 * @returns paths relative to the root, with forward slashes, ascending by UTF-16 code units
 * @throws DATA_ROOT_MISSING when the root is no folder
 * @throws FILE_NOT_FOUND when a path does not exist, or a pattern matches no file
 * @throws USAGE when a path is absolute or leaves the root
 */
export async function findFiles(patterns: string | readonly string[], root: string): Promise<string[]> {
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new AssayError(
      'DATA_ROOT_MISSING',
      `The folder of the source files, ${root}, does not exist. Fix: name the right one with --data-root, or get the files as its README says.`,
    );
  const found = new Set<string>();
  for (const given of typeof patterns === 'string' ? [patterns] : patterns) {
    for (const path of await matchesOf(inside(given), root)) found.add(path);
  }
  return [...found].sort();
}

function inside(given: string): string {
  const path = posix.normalize(given.replaceAll('\\', '/'));
  if (posix.isAbsolute(path) || path === '..' || path.startsWith('../') || path.includes('\0'))
    throw new AssayError(
      'USAGE',
      `The source ${given} leaves the data root; expected a path inside it. Fix: name a folder above with --data-root.`,
    );
  return path;
}

async function matchesOf(pattern: string, root: string): Promise<string[]> {
  const facts = factsOf(join(root, pattern));
  if (facts?.isDirectory() === true)
    throw new AssayError(
      'FILE_NOT_FOUND',
      `The source ${pattern} is a folder; expected a file. Fix: name the files in it, e.g. ${pattern}/*.csv.`,
    );
  if (facts !== undefined) return [pattern];
  if (!/[*?[{]/.test(pattern))
    throw new AssayError(
      'FILE_NOT_FOUND',
      `The source ${pattern} does not exist in ${root}. Fix: correct data.source.path, or name the folder with --data-root.`,
    );
  const files: string[] = [];
  for (const alternative of alternativesOf(pattern)) {
    await walk({ root, folder: '', parts: alternative.split('/'), files });
  }
  if (files.length > 0) return files;
  throw new AssayError(
    'FILE_NOT_FOUND',
    `No file in ${root} matches ${pattern}; at least one is expected. Fix: correct the pattern, or name the folder with --data-root.`,
  );
}

/** `a{b,c}d` → `abd`, `acd`. */
function alternativesOf(pattern: string): string[] {
  const match = /^(.*?)\{([^{}]*)\}(.*)$/s.exec(pattern);
  if (match === null) return [pattern];
  const [, before = '', choices = '', after = ''] = match;
  return choices.split(',').flatMap((choice) => alternativesOf(`${before}${choice}${after}`));
}

interface Walk {
  root: string;
  /** Where the rest of the pattern applies, relative to the root: '' or with a final slash. */
  folder: string;
  parts: readonly string[];
  files: string[];
}

async function walk({ root, folder, parts, files }: Walk): Promise<void> {
  const [part = '', ...rest] = parts;
  const entries = await readdir(join(root, folder)).catch(() => []); // no folder, or not ours to read: no match in it
  const path = (name: string): string => join(root, folder, name);
  if (part === '**') {
    await walk({ root, folder, parts: rest.length > 0 ? rest : ['*'], files });
    const isOwn = (name: string): boolean => lstatSync(path(name)).isDirectory(); // a link may lead back up
    for (const name of entries.filter((each) => !each.startsWith('.') && isOwn(each)))
      await walk({ root, folder: `${folder}${name}/`, parts, files });
    return;
  }
  const matches = nameMatcher(part);
  for (const name of entries.filter(matches)) {
    const facts = factsOf(path(name));
    if (rest.length === 0 && facts?.isFile() === true) files.push(`${folder}${name}`);
    if (rest.length > 0 && facts?.isDirectory() === true)
      await walk({ root, folder: `${folder}${name}/`, parts: rest, files });
  }
}

/** @returns undefined for what is not there or leads nowhere, such as a link to itself or a path below a file */
function factsOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    if (NOT_THERE.has(systemCodeOf(error) ?? '')) return undefined;
    throw asFileError(error, path);
  }
}

const NOT_THERE = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']);

function nameMatcher(part: string): (name: string) => boolean {
  let source = '';
  for (let i = 0; i < part.length; i++) {
    const character = part.charAt(i);
    const close = character === '[' ? part.indexOf(']', i + 2) : -1;
    if (close > 0) {
      const inner = part
        .slice(i + 1, close)
        .replaceAll('\\', '\\\\')
        .replaceAll('[', '\\[');
      source += `[${inner.startsWith('!') ? `^${inner.slice(1)}` : inner}]`;
      i = close;
    } else if (character === '*') source += '.*';
    else if (character === '?') source += '.';
    else source += character.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
  }
  const expression = asExpression(source, part);
  return (name) => (part.startsWith('.') || !name.startsWith('.')) && expression.test(name);
}

function asExpression(source: string, part: string): RegExp {
  try {
    return new RegExp(`^${source}$`, 'su');
  } catch (error) {
    throw new AssayError(
      'USAGE',
      `The pattern ${part} is not understood: ${String(error)}. Fix: write a set of characters as [a-z].`,
      { cause: error },
    );
  }
}
