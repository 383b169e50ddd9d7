import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { foldedText } from './text-views.js';

const page = readFileSync(join(__dirname, '../../../../docs/text-views.md'), 'utf8');
const rows = [...page.matchAll(/^\| [\w -]+ \| `([^`]+)` *\| `([^`]+)` *\|$/gm)];

describe('docs/text-views.md', () => {
  it('has rows of examples', () => {
    expect(rows.length).toBeGreaterThanOrEqual(12);
  });

  it.each(rows.map(([, written = '', folded = '']) => [written, folded]))(
    'says that %s becomes %s',
    (written, folded) => {
      expect(foldedText(written)).toBe(folded);
    },
  );
});
