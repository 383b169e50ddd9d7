// Usage: node libs/preprocess/scripts/text-views-time.mjs
// Prints what the views cost: of common texts, and how the time grows on hostile ones when they get 16 times as long
// (16 is linear, 256 quadratic). Build first: npx tsc --build libs/preprocess
import { textViews } from '../dist/text-views/text-views.js';

const SHORT = 1 << 16;
const TIMES = 16;
const HOSTILE = {
  'one letter': 'a',
  'one sign': '4',
  'one mark': '\u0301',
  'marks out of order': '\u0301\u0316',
  'sound marks out of order': '\uff9e\u0316',
  'letters and marks': 'a\u0301\u0316',
  'spread letters': 'a ',
  'spread signs after a letter': '1 ',
  'dotted letters': 'w.',
  'dots and signs': 'a.4.',
  'spread letters with marks': 'b\u0301 ',
  'leet words': 'h4te ',
  'one leet word': 'h4te',
  'leet signs': 'a$',
  exclamations: '!',
  'exclamations and letters': 'b!',
  'at signs': 'a@',
  'an address': 'a@a.',
  'dots and letters': '.aa',
  'repeated letters': 'baaa',
  'repeated vowels and consonants': 'aaabbb',
  'Cyrillic look-alikes': '\u0435',
  'Latin with look-alikes': 'w\u0435',
  'words with look-alikes': 'w\u0435\u0430p ',
  'invisible characters': 'a\u200b',
  'lone surrogates': '\ud800',
  'emoji with joiners': '\u{1f469}\u200d',
  'late characters': '\u{1ccd6}',
  'late and old characters': '\u{1ccd6}\u00e9',
  'longest decomposition': '\ufdfa',
  spaces: ' ',
  'spaces and letters': '  a',
  'line breaks': '\r\n',
  Hangul: '\u1112\u1161\u11ab',
  slashes: 'a/',
  links: '://',
  capitals: 'A1a',
};
const COMMON = {
  'plain ASCII, 60 words':
    'Brand new leather jacket size M never worn, free shipping from London today only ',
  'with leet and spread letters':
    'Brand n3w l3ather j4cket size M n e v e r worn, free shipping from London today ',
  'with accents':
    'Veste en cuir neuve taille M jamais port\u00e9e, livraison gratuite depuis Orl\u00e9ans d\u00e8s ',
  Russian:
    '\u041d\u043e\u0432\u0430\u044f \u043a\u043e\u0436\u0430\u043d\u0430\u044f \u043a\u0443\u0440\u0442\u043a\u0430 \u0440\u0430\u0437\u043c\u0435\u0440 \u043d\u0438 \u0440\u0430\u0437\u0443 \u043d\u0435 \u043d\u043e\u0441\u0438\u043b\u0438 \u0434\u043e\u0441\u0442\u0430\u0432\u043a\u0430 ',
};

const millisecondsOf = (text) => {
  const start = performance.now();
  textViews(text);
  return performance.now() - start;
};
const best = (text, times) => Math.min(...Array.from({ length: times }, () => millisecondsOf(text)));
const ofLength = (pattern, length) => pattern.repeat(Math.ceil(length / pattern.length)).slice(0, length);

console.log('| text | µs a text |\n| --- | --: |');
for (const [name, sentence] of Object.entries(COMMON)) {
  const words = ofLength(sentence, sentence.length * 10)
    .split(' ')
    .slice(0, 60);
  const texts = Array.from({ length: 20_000 }, (_, i) => `${words.join(' ')} no ${i}`);
  for (const text of texts) textViews(text);
  const start = performance.now();
  for (const text of texts) textViews(text);
  console.log(`| ${name} | ${(((performance.now() - start) / texts.length) * 1000).toFixed(1)} |`);
}
console.log(`\n| hostile | ms for ${SHORT} | ms for ${SHORT * TIMES} | ratio |\n| --- | --: | --: | --: |`);
for (const [name, pattern] of Object.entries(HOSTILE)) {
  const short = best(ofLength(pattern, SHORT), 5);
  const long = best(ofLength(pattern, SHORT * TIMES), 2);
  console.log(`| ${name} | ${short.toFixed(1)} | ${long.toFixed(1)} | ${(long / short).toFixed(0)} |`);
}
