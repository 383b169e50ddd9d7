// Made-up listings of about 60 words, some of them near copies of others; the same for the same seed everywhere.

/** Random numbers in [0, 1): mulberry32. */
export function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

const SYLLABLES =
  'ba be bi bo bu ca ce co da de di do fa fe fi ga go ha he hi la le li lo ma me mi mo na ne no pa pe pi ra re ri ro sa se si so ta te ti to va ve vi wo'.split(
    ' ',
  );
const ENDINGS = ['', 'n', 'r', 's', 't', 'l', 'ng', 'd'];

/** Words by rank; frequent ones are short, as in languages. */
function wordsOf(count, random) {
  const words = new Set();
  while (words.size < count) {
    const syllables = 1 + Math.floor(random() * (1 + Math.log10(1 + words.size)));
    let word = '';
    for (let i = 0; i < syllables; i++) word += SYLLABLES[Math.floor(random() * SYLLABLES.length)];
    words.add(word + ENDINGS[Math.floor(random() * ENDINGS.length)]);
  }
  return [...words];
}

const TEMPLATES = [
  'handmade with love in our small studio and ready to ship',
  'please contact us before you order if you have any questions',
  'free shipping on all orders within the country',
  'makes a lovely gift for birthdays weddings and holidays',
  'colours may differ a little from what you see on your screen',
];

/**
 * @param numListings texts
 * @param copies share of texts that are near copies of an earlier one
 * @returns {{ texts: string[], planted: [number, number][] }} planted pairs, the original first
 */
export function makeListings(numListings, copies = 0.05, seed = 1) {
  const random = randomOf(seed);
  const words = wordsOf(20_000, random);
  // Zipf: the word of rank r with probability proportional to 1 / r.
  const word = () =>
    words[Math.min(words.length - 1, Math.floor(Math.exp(random() * Math.log(words.length + 1))) - 1)];
  const texts = [];
  const planted = [];
  for (let i = 0; i < numListings; i++) {
    if (i > 10 && random() < copies) {
      const original = Math.floor(random() * i);
      planted.push([original, i]);
      texts.push(edited(texts[original].split(' '), word, random));
      continue;
    }
    const parts = Array.from({ length: 45 + Math.floor(random() * 15) }, word);
    if (random() < 0.4)
      parts.splice(
        Math.floor(random() * parts.length),
        0,
        TEMPLATES[Math.floor(random() * TEMPLATES.length)],
      );
    texts.push(parts.join(' '));
  }
  return { texts, planted };
}

/** One to four words changed, inserted, left out or exchanged. */
function edited(parts, word, random) {
  const edits = 1 + Math.floor(random() * 4);
  for (let e = 0; e < edits; e++) {
    const at = Math.floor(random() * (parts.length - 1));
    const kind = Math.floor(random() * 4);
    if (kind === 0) parts[at] = word();
    else if (kind === 1) parts.splice(at, 0, word());
    else if (kind === 2) parts.splice(at, 1);
    else [parts[at], parts[at + 1]] = [parts[at + 1], parts[at]];
  }
  return parts.join(' ');
}
