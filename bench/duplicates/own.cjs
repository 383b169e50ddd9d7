// Side of bench/duplicates: our search. Usage: node own.cjs TEXTS THREADS; prints one line of JSON.
const { readFileSync, writeFileSync } = require('node:fs');
const { findNearTexts } = require('../../libs/data/dist/duplicates/near-texts.js');
const { TextStore } = require('../../libs/data/dist/duplicates/text-store.js');

const [path, threads, out] = process.argv.slice(2);
const texts = readFileSync(path, 'utf8').trimEnd().split('\n');
const start = performance.now();
const store = new TextStore();
for (const text of texts) store.add(text);
findNearTexts(store, { threads: Number(threads) }).then(({ pairs, skipped }) => {
  const seconds = (performance.now() - start) / 1000;
  writeFileSync(out, JSON.stringify(pairs.map(({ a, b }) => [a, b])));
  console.log(JSON.stringify({ seconds, peakMb: process.resourceUsage().maxRSS / 1024, skipped }));
});
