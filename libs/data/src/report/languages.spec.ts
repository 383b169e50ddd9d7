import { Random } from '@assay/core';
import { LanguageSample } from './languages.js';

const none = { train: 0, validation: 0, calibration: 0, test: 0 };

test('languages are told by all fields of a record, by split', async () => {
  const sample = new LanguageSample(new Random(7));
  const add = (split: 'train' | 'test', ...fields: string[]): void =>
    sample.add({ text: Object.fromEntries(fields.map((text, i) => [`f${i}`, text])) }, split);
  add('train', 'A ring', 'Made by hand from the finest silver, with great care.');
  add('train', 'The colour may vary a little, as each piece is made by hand.');
  add('test', 'Jedes Stück wird von Hand gefertigt und sorgfältig verpackt.');
  add('test', '手作りの陶器のカップです。電子レンジでもお使いいただけます。');
  add('test', '12345 !!!');
  add('test', ' ', '');
  expect(await sample.detect()).toEqual({
    sampled: { ...none, train: 2, test: 3 },
    languages: [
      { code: 'en', counts: { ...none, train: 2 } },
      { code: null, counts: { ...none, test: 1 } },
      { code: 'de', counts: { ...none, test: 1 } },
      { code: 'ja', counts: { ...none, test: 1 } },
    ],
  });
});
