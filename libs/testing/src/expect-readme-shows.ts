import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Fails unless the first ts block of the package's README is the code that a spec runs between the lines
 * `// example` and `// end`, less its indentation.
 *
 * @param specFile path of a spec in the `src` beside the README: `__filename`
 */
export function expectReadmeShows(specFile: string): void {
  const readmeFile = join(dirname(specFile), '../README.md');
  const shown = blockOf(readmeFile, /^```ts\n([\s\S]*?)^```$/m, 'ts block');
  const run = dedent(blockOf(specFile, /^ *\/\/ example\n([\s\S]*?)^ *\/\/ end$/m, '// example … // end'));
  if (shown !== run) throw new Error(`${readmeFile} shows\n${shown}\nbut ${specFile} runs\n${run}`);
}

function blockOf(file: string, pattern: RegExp, what: string): string {
  const block = pattern.exec(readFileSync(file, 'utf8'))?.[1];
  if (block === undefined || block.trim() === '') throw new Error(`${file} has no ${what}, or an empty one`);
  return block;
}

/** Takes the indentation of the first line from every line. */
function dedent(text: string): string {
  const indentation = /^ */.exec(text)?.[0].length ?? 0;
  return text.replace(new RegExp(`^ {${indentation}}`, 'gm'), '');
}
