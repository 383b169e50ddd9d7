import { html, listHtml, tableHtml, tilesHtml } from './html-elements.js';

test('a table escapes what is no markup, and aligns numbers', () => {
  expect(tableHtml(['<a>', html('<b>x</b>')], [[html('<i>1</i>'), '<2>']], { numbersFrom: 1 })).toBe(
    '<div class="scroll"><table class="numbers-1"><thead><tr><th>&lt;a&gt;</th><th><b>x</b></th></tr></thead><tbody><tr><td><i>1</i></td><td>&lt;2&gt;</td></tr></tbody></table></div>',
  );
});

test('a list without items is nothing', () => {
  expect(listHtml('notes', [])).toBe('');
  expect(listHtml('notes', ['a & b'])).toBe('<ul class="notes"><li>a &amp; b</li></ul>');
});

test('tiles escape names and values', () => {
  expect(tilesHtml([['a<b', '1 & 2']])).toBe(
    '<section class="tiles"><div class="tile"><b>1 &amp; 2</b><span>a&lt;b</span></div></section>',
  );
});
