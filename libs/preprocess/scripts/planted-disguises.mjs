// Usage: node libs/preprocess/scripts/planted-disguises.mjs [--rows 20000] [--seed 7]
// How many of the disguises that the generator of listings plants are seen, and how many plain sentences come back from
// a disguise. Build first: npx tsc --build libs/preprocess libs/synthetic
import { parseArgs } from 'node:util';
import { Random } from '../../core/dist/index.js';
import { planListings } from '../../synthetic/dist/listings/plan-listings.js';
import { OBFUSCATIONS, obfuscateSentence } from '../../synthetic/dist/obfuscate.js';
import { foldedText, textViews } from '../dist/text-views/text-views.js';

const { values: options } = parseArgs({
  options: { rows: { type: 'string', default: '20000' }, seed: { type: 'string', default: '7' } },
});
const isChanged = (text) => Object.values(textViews(text).changes).some(Boolean);

const seen = new Map([...OBFUSCATIONS, 'none'].map((how) => [how, { listings: 0, changed: 0 }]));
const sentences = new Set();
for (const { text, cues } of planListings(Number(options.rows), Number(options.seed))) {
  const count = seen.get(cues.obfuscation ?? 'none');
  count.listings++;
  count.changed += Number([text.title, text.description].some(isChanged));
  for (const sentence of text.description.split(/(?<=[.!?])\s/))
    if (/[a-z]{4}/.test(sentence) && !/\d/.test(sentence) && !isChanged(sentence)) sentences.add(sentence);
}
console.log('| disguise | listings | seen | sentences | given back |\n| --- | --: | --: | --: | --: |');
for (const [how, { listings, changed }] of seen) {
  const random = new Random(1, how);
  const pairs =
    how === 'none' ? [] : [...sentences].map((plain) => [plain, obfuscateSentence(plain, how, random)]);
  const disguised = pairs.filter(([plain, other]) => plain !== other);
  const back = disguised.filter(([plain, other]) => foldedText(plain) === foldedText(other)).length;
  console.log(`| ${how} | ${listings} | ${changed} | ${disguised.length} | ${back} |`);
}
