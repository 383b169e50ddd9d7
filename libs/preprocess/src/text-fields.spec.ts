import { CHANGES, readTextFields, type TextFieldsConfig } from './text-fields.js';

const CONFIG: TextFieldsConfig = { fields: ['title', 'tags'], view: 'normalized', changes: [] };
const TEXT = { title: 'ＢＵＹ we\u200bap0n s', tags: 'C U R E' };

describe('readTextFields', () => {
  it.each([
    ['raw', ['ＢＵＹ we\u200bap0n s', 'C U R E']],
    ['normalized', ['BUY weap0n s', 'C U R E']],
    ['folded', ['buy weapon s', 'cure']],
  ] as const)('gives the %s view of each field', (view, expected) => {
    expect(readTextFields(TEXT, { ...CONFIG, view }).texts).toEqual(expected);
    expect(readTextFields(TEXT, { ...CONFIG, view, changes: ['leet'] }).texts).toEqual(expected);
  });

  it('reads a field that is not there as empty', () => {
    expect(readTextFields({ tags: 'x' }, CONFIG)).toEqual({ texts: ['', 'x'], isPresent: true, changes: [] });
  });

  it('says which kinds of change normalising made in any field, in the order that is asked for', () => {
    const changesOf = (text: Record<string, string>): Record<string, number> => {
      const { changes } = readTextFields(text, { ...CONFIG, changes: CHANGES });
      return Object.fromEntries(CHANGES.map((name, i) => [name, changes[i] ?? -1]));
    };
    const none = Object.fromEntries(CHANGES.map((name) => [name, 0]));
    expect(changesOf({ title: 'plain text', tags: '' })).toEqual(none);
    expect(changesOf(TEXT)).toEqual({ ...none, compatibility: 1, invisible: 1, leet: 1, spacing: 1 });
    expect(readTextFields(TEXT, { ...CONFIG, changes: ['surrogates', 'leet'] }).changes).toEqual([0, 1]);
  });

  it('reads no more of an endless field than its first 65,536 characters', () => {
    const view = 'raw';
    expect(readTextFields({ title: 'a'.repeat(70_000) }, { ...CONFIG, view }).texts[0]).toHaveLength(65_536);
    const hidden = `${'\u200b'.repeat(100_000)}b`;
    expect(readTextFields({ title: hidden }, CONFIG).texts[0]).toBe('b');
    expect(readTextFields({ title: `${'\u200b'.repeat(300_000)}b` }, CONFIG).texts[0]).toBe('');
  });

  it('calls a text of spaces and invisible characters absent', () => {
    expect(readTextFields({ title: ' \u200b', tags: '\n' }, CONFIG).isPresent).toBe(false);
    expect(readTextFields({ title: '', tags: '.' }, CONFIG).isPresent).toBe(true);
  });
});
