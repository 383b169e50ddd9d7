import { foldLookAlikes } from './fold-look-alikes.js';

describe('letters of other scripts', () => {
  it.each([
    ['a Cyrillic letter', 'wеapon', 'weapon'],
    ['many Cyrillic letters', 'сосаine', 'cocaine'],
    ['a Greek letter', 'cοcaine', 'cocaine'],
    ['a Cherokee letter', 'Ꭺpple', 'Apple'],
    ['capitals whose small letters look different', 'НЕRОIN, ВIТСН, ΥES', 'HEROIN, BITCH, YES'],
    ['small capitals', 'ʙᴜʏ ᴀ ɢᴜɴ', 'buy a gun'],
    ['an IPA letter', 'ɡun', 'gun'],
    ['an Armenian letter', 'guո', 'gun'],
    ['a word of them alone in Latin text', 'pure сосае now', 'pure cocae now'],
    ['short words of them beside others', 'wеapon fоr а сat', 'weapon for a cat'],
    ['an accent upon them', 'cafе\u0301s', 'cafés'],
  ])('become Latin: %s', (_, text, expected) => {
    expect(foldLookAlikes(text)).toBe(expected);
  });

  it.each([
    ['a Russian word of look-alikes', 'сахар'],
    ['such a word in Russian text', 'сахар и соль'],
    ['such a word beside a Latin one in Russian text', 'iphone сахар чай'],
    ['a small letter that looks like none', 'нeroin'],
    ['a Latin word with a Russian ending', 'iphoneом'],
    ['Greek', 'ελαιόλαδο 1l'],
    ['Greek units', '10μm, 50kω'],
    ['a Greek letter before a word', 'α-tocopherol'],
    ['times in Cyrillic', '10х20 см'],
    ['digits of other scripts', 'a۱۲ b۰'],
    ['Arabic and Hebrew', 'حقيبة جلد תיק עור'],
    ['Chinese, Japanese and Korean', '手机壳 ノート 케이스'],
    ['Latin alphabets', 'þú ıslak æble ñandú œuvre'],
  ])('stay: %s', (_, text) => {
    const normalized = text.normalize('NFC');
    expect(foldLookAlikes(normalized)).toBe(normalized);
  });
});
