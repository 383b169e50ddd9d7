import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectReadmeShows, withTempDir } from './index.js';

const README = '# Toy\n\n```ts\nif (a) {\n  b();\n}\n```\n\n```ts\nlater();\n```\n';
const SPEC = 'test(() => {\n  // example\n  if (a) {\n    b();\n  }\n  // end\n});\n';

const compare = (readme: string, spec: string): Promise<void> =>
  withTempDir((dir) => {
    mkdirSync(join(dir, 'src'));
    writeFileSync(join(dir, 'README.md'), readme);
    const specFile = join(dir, 'src', 'readme.spec.ts');
    writeFileSync(specFile, spec);
    expectReadmeShows(specFile);
  });

test('the first ts block and the code between the markers may differ in their indentation only', async () => {
  await compare(README, SPEC);
  await expect(compare(README, SPEC.replace('b()', 'c()'))).rejects.toThrow(/shows\n.*b\(\).*runs\n.*c\(\)/s);
  await expect(compare(README, SPEC.replace('    b()', '  b()'))).rejects.toThrow('shows');
  await expect(compare(README, SPEC.replace('  // end', '  c();\n  // end'))).rejects.toThrow('shows');
  await expect(compare(README.replace('  b();\n', ''), SPEC)).rejects.toThrow('shows');
});

test('a README without a ts block, and a spec without a marker or with nothing between them, fail', async () => {
  await expect(compare('# Toy\n', SPEC)).rejects.toThrow('README.md has no ts block');
  await expect(compare(README, SPEC.replace('// end', ''))).rejects.toThrow('has no // example');
  await expect(compare('```ts\n```\n', '// example\n// end\n')).rejects.toThrow('empty');
});

test('an example may hold backticks', async () => {
  await compare('```ts\ncall(`${x}`);\n```\n', '// example\ncall(`${x}`);\n// end\n');
});
