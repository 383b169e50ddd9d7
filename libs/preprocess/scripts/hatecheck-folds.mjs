// Usage: node libs/preprocess/scripts/hatecheck-folds.mjs [--data data/hatecheck]
// For each function of HateCheck that obfuscates spelling: how many of its cases equal their plain version, as they
// are and in each view. Build first: npx tsc --build libs/preprocess
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from 'csv-parse/sync';
import { compactText, textViews, TEXT_VIEWS_VERSION } from '../dist/text-views/text-views.js';

const { values: options } = parseArgs({
  options: {
    data: { type: 'string', default: join(import.meta.dirname, '../../../data/hatecheck') },
  },
});
const cases = parse(readFileSync(join(options.data, 'cases.csv'), 'utf8'), { columns: true });
const isAltered = ({ functionality }) => functionality.startsWith('spell_');

const letters = (text) => [...text.toLowerCase().replace(/[^a-z0-9]/g, '')];
const isSubsequence = (short, long) => {
  let at = 0;
  for (const letter of long) if (letter === short[at]) at++;
  return at === short.length;
};
const differing = (one, other) => one.flatMap((letter, i) => (letter === other[i] ? [] : [i]));
/** How a function of Röttger et al. (2021) alters a text, said without our folds. */
const ALTERS = {
  spell_char_swap_h: (plain, altered) => {
    const at = differing(plain, altered);
    return (
      plain.length === altered.length &&
      at.length === 2 &&
      at[1] === at[0] + 1 &&
      plain[at[0]] === altered[at[1]] &&
      plain[at[1]] === altered[at[0]]
    );
  },
  spell_char_del_h: (plain, altered) => plain.length === altered.length + 1 && isSubsequence(altered, plain),
  spell_space_del_h: (plain, altered) => plain.join('') === altered.join(''),
  spell_space_add_h: (plain, altered) => plain.join('') === altered.join(''),
  spell_leet_h: (plain, altered) =>
    plain.length === altered.length &&
    differing(plain, altered).length > 0 &&
    differing(plain, altered).every((i) => /[a-z]/.test(plain[i]) && /\d/.test(altered[i])),
};
/** The data name no plain case, so it is the one of the same target that the function turns into this one. */
const plainOf = (altered) =>
  cases.find(
    (plain) =>
      !isAltered(plain) &&
      plain.target_ident === altered.target_ident &&
      ALTERS[altered.functionality](letters(plain.test_case), letters(altered.test_case)),
  );

/** Both are trimmed, since some cases end in a space or lack the full stop of the plain one. */
const bare = (text) => text.trim().replace(/\.$/, '');
const VIEWS = {
  'as it is': bare,
  normalized: (text) => bare(textViews(text).normalized),
  skeleton: (text) => bare(textViews(text).skeleton),
  folded: (text) => bare(textViews(text).folded),
  compact: (text) => compactText(textViews(text).folded),
};
console.log(`${TEXT_VIEWS_VERSION}\n`);
console.log(`| function | cases | plain case found | ${Object.keys(VIEWS).join(' | ')} |`);
console.log(`| --- | --: | --: | ${Object.keys(VIEWS).fill('--:').join(' | ')} |`);
const missed = [];
for (const functionality of Object.keys(ALTERS)) {
  const altered = cases.filter((row) => row.functionality === functionality);
  const pairs = altered.map((row) => [plainOf(row)?.test_case, row.test_case]);
  const found = pairs.filter(([plain]) => plain !== undefined);
  const counts = Object.entries(VIEWS).map(([name, view]) => {
    const equal = found.filter(([plain, text]) => view(plain) === view(text));
    if (name === 'folded' && /space|leet/.test(functionality))
      missed.push(...found.filter((pair) => !equal.includes(pair)).map(([, text]) => text));
    return equal.length;
  });
  console.log(`| \`${functionality}\` | ${altered.length} | ${found.length} | ${counts.join(' | ')} |`);
}
console.log(`\nNot equal when folded, of spaces and leet: ${missed.length}`);
for (const text of missed) console.log(`  ${text} -> ${textViews(text).folded}`);
