import { expectReadmeShows } from '@assay/testing';
import { count, html, pageHtml, section, tableHtml, userText } from './index.js';

const frame = { kicker: 'Data', heading: 'rings', lead: '', badge: '', facts: '', footer: '' };

describe('README', () => {
  it('shows an example that works', () => {
    // example
    const table = tableHtml(['title', 'records'], [[html(userText('<b>\u202Egnir')), count(1200)]]);
    const page = pageHtml({ ...frame, main: section('Titles', table) });
    // end
    expect(page).toContain(
      '<td><bdi>&lt;b&gt;<i class="hidden-mark">U+202E</i>gnir</bdi></td><td>1,200</td>',
    );
    expectReadmeShows(__filename);
  });
});
