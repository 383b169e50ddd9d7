// Prints which TensorFlow the set-up installed, e.g. `2.21.0 gpu`; `none` when there is no set-up that can be read, of
// which the command itself says what to do. Nx runs it before every command, so it needs nothing but Node.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

process.stdout.write(`${engineFacts(process.env.ASSAY_HOME || '.assay')}\n`);

function engineFacts(home) {
  try {
    const { version, variant } = JSON.parse(readFileSync(join(home, 'setup.json'), 'utf8')).engine;
    return `${version} ${variant}`;
  } catch {
    return 'none';
  }
}
