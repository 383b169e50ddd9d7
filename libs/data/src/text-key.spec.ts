import { DuplicateFinder, type DuplicateLink } from './duplicates/find-duplicates.js';
import { comparableText, joinedText, splitSha1, textSha1 } from './text-key.js';

const TITLE = 'Hunting crossbow with four carbon bolts';
const DESCRIPTION =
  'Selling my old crossbow because a new one came. The string was replaced last summer and the scope holds its zero. ' +
  'Comes with a quiver, four bolts and a bag. Collection from Leeds or sent by courier; message me for photos.';

const letters = (text: string, each: (letter: string) => string): string =>
  text.replaceAll(/[a-z]/gi, (letter) => each(letter));
const inPlaceOf =
  (from: string, to: string) =>
  (letter: string): string =>
    [...to][from.indexOf(letter)] ?? letter;
const spread = (text: string): string => text.replaceAll(' ', '  ').replaceAll(/(?<=[a-z])(?=[a-z])/gi, ' ');
const DISGUISES: Readonly<Record<string, (text: string) => string>> = {
  // One letter a word, as people do.
  leet: (text) =>
    text.replaceAll(
      /\b([a-z]+)([oiea])(?=[a-z])/gi,
      (_, before: string, letter: string) => before + ('0134'['oiea'.indexOf(letter)] ?? letter),
    ),
  'zero-width spaces': (text) => letters(text, (letter) => `${letter}\u200b`),
  'soft hyphens and bidirectional controls': (text) => letters(text, (letter) => `\u202d${letter}\u00ad`),
  'Cyrillic look-alikes': (text) =>
    letters(
      text,
      inPlaceOf('aeopcxyTHBMC', '\u0430\u0435\u043e\u0440\u0441\u0445\u0443\u0422\u041d\u0412\u041c\u0421'),
    ),
  'full-width letters': (text) =>
    letters(text, (letter) => String.fromCodePoint((letter.codePointAt(0) ?? 0) + 0xfee0)),
  'small capitals': (text) =>
    letters(text, inPlaceOf('abcdefghijklmnopqrstuvwyz', 'ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ')),
  'spread letters': spread,
  'lengthened words': (text) =>
    text.replaceAll(/(?<=[b-df-hj-np-tv-z])[aeou](?=[b-df-hj-np-tv-z])/g, '$&$&$&$&'),
  capitals: (text) => text.toUpperCase(),
};

const linksBetween = async (
  view: (text: Record<string, string>) => string,
  copy: string,
): Promise<DuplicateLink[]> => {
  const finder = new DuplicateFinder();
  const original = { title: TITLE, description: DESCRIPTION };
  finder.add(view(original), []);
  finder.add(
    view({ title: 'A fishing rod', description: 'Light, two parts, hardly used, with a reel and a case.' }),
    [],
  );
  finder.add(view({ title: TITLE, description: copy }), []);
  return (await finder.find({ text: { threads: 0 }, image: null })).links;
};

describe('the text that is compared', () => {
  it('is the folded view of all fields', () => {
    expect(comparableText({ title: ' A  W3AP0N ', note: '', body: 'g u n\u200b\nnew' })).toBe(
      'a weapon gun new',
    );
  });

  it('joins no letters of two fields', () => {
    expect(comparableText({ size: 'E', grade: 'A', line: 'T' })).toBe('e a t');
  });

  it('is empty without a character to see', () => {
    expect(comparableText({ title: ' \u200b\n', body: '' })).toBe('');
  });
});

describe('a copy of a listing', () => {
  it.each(Object.entries(DISGUISES))('in %s is a near-duplicate', async (_, disguise) => {
    const copy = disguise(DESCRIPTION);
    const [link, ...others] = await linksBetween(comparableText, copy);
    expect(link).toMatchObject({ a: [0], b: [2] });
    expect(link?.similarity).toBeGreaterThan(0.9);
    expect(others).toEqual([]);
  });

  it.each(['leet', 'zero-width spaces', 'Cyrillic look-alikes', 'spread letters'])(
    'in %s would not be one as it is written',
    async (name) => {
      expect(await linksBetween(joinedText, DISGUISES[name]?.(DESCRIPTION) ?? '')).toEqual([]);
    },
  );
});

describe('hashes', () => {
  it('of texts are SHA-1 of the fields in lines', () => {
    // printf 'a\nb' | sha1sum
    expect(textSha1({ x: 'a', y: 'b' })).toBe('fcd127ffa1016069006ad91f3f361248f9bdf272');
  });

  it('of blank records are those of their ids', () => {
    expect(splitSha1({ id: 'r1', text: { x: ' ' } })).toBe(textSha1({ id: 'r1' }));
    expect(splitSha1({ id: 'r1', text: { x: 'a' } })).toBe(textSha1({ x: 'a' }));
  });
});
