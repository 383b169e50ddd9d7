import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withTempDir } from '@assay/testing';
import type { DataReportOptions } from './data-report-options.js';
import { prepareStage } from '../prepare-stage.js';
import { recordsPath, type PreparedRecord } from '../prepared-record.js';
import { GOOD_ROWS, tinySource, type TinyRow } from '../tiny-source.fixture.js';
import { DATA_REPORT_FILE, writeDataReport } from './write-data-report.js';

const BY_GROUP = ['data.split={strategy: group, fractions: {train: 0.4, validation: 0.4, test: 0.2}}'];
const LENIENT = ['data.maxRejectedFraction=1'];

interface Reported {
  dir: string;
  options: DataReportOptions;
  html: string;
  again: (dir: string, own?: Partial<DataReportOptions>) => Promise<string>;
}

/** Prepares rows, writes the report, and looks at it. */
const reported = (
  rows: readonly TinyRow[],
  overrides: string[],
  look: (report: Reported) => Promise<void> | void,
  allowLeak = false,
): Promise<void> =>
  withTempDir(async (folder) => {
    const stage = await tinySource(folder, rows, overrides);
    const { dir } = await prepareStage({ ...stage, allowLeak });
    const options: DataReportOptions = {
      ...{ title: 'rings', description: 'Of silver.', source: 'rows.csv', strategy: 'group', seed: 7 },
      ...{ digests: { source: 'ab'.repeat(32) }, numRows: rows.length },
      readImage: (path) => readFile(join(stage.loaded.dataRoot, path)),
    };
    const again = async (target: string, own: Partial<DataReportOptions> = {}): Promise<string> => {
      rmSync(join(target, DATA_REPORT_FILE), { force: true });
      await writeDataReport(target, { ...options, ...own });
      return readFileSync(join(target, DATA_REPORT_FILE), 'utf8');
    };
    await look({ dir, options, html: await again(dir), again });
  });

/** The text of a page without its style. */
const textOf = (html: string): string =>
  html
    .replace(/<style>.*?<\/style>/s, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ');

describe('writeDataReport', () => {
  it('tells what was read, kept and found', () =>
    reported(GOOD_ROWS, BY_GROUP, ({ html }) => {
      const text = textOf(html);
      expect(text).toContain('12 rows read 12 records kept 0 purged 0 rejected 12 images');
      expect(text).toContain('seed 7');
      expect(text).toContain('digest of source abababababab');
      expect(text).toContain('No leak. No id, no group');
      expect(text).toContain('title characters 12 7 7 8 8'); // title 0 … title 11: ten of 7, two of 8
      expect(text).toContain('bad 4 of 4, drawn by chance');
      expect(text).toContain('Not bad, or unknown 4 of 8, drawn by chance');
      expect(text).toContain('size of all 10 × 6 (12)');
      expect(html.match(/<span class="chip none">not bad<\/span>/g)).toHaveLength(4);
      expect(html.match(/<label class="photo">/g)).toHaveLength(8);
      expect(text).toMatch(
        /colour 2 values value records share train validation calibration test (blue|red) 6 0\.500/,
      );
      expect(text).toContain('Every row that was read is a record.');
    }));

  it('needs nothing from outside and runs nothing', () =>
    reported(GOOD_ROWS, BY_GROUP, ({ html }) => {
      expect(html).not.toMatch(
        /<script|<link|@import|url\((?!#)|\son\w+=|href="(?!#)|src="(?!data:image\/webp;base64,)/,
      );
      expect(html).toContain(
        `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">`,
      );
    }));

  it('gives equal bytes for equal data, wherever and whenever, and others for another seed', () =>
    reported(GOOD_ROWS, BY_GROUP, async ({ dir, html, again }) => {
      const copy = `${dir}-copy`;
      cpSync(dir, copy, { recursive: true });
      expect((await again(copy)) === html).toBe(true);
      expect((await again(copy, { seed: 8 })) === html).toBe(false);
      expect(html).not.toContain(dir);
    }));

  it('shows what strangers wrote as text: no tag, no turned line', () => {
    const evil = '</div><script>alert(1)</script><img src=x onerror=alert(2)>';
    const rows = GOOD_ROWS.map((row, i) => ({
      ...row,
      id: `<i>${i}</i>`,
      title: `${evil} ${i} \u202Egnp.exe`,
      colour: `<b>\u2066${i % 2}`,
    }));
    return reported(rows, [...BY_GROUP, 'data.duplicates.text=null'], ({ html }) => {
      expect(textOf(html)).toContain('no equal text, and no equal or nearly equal image lies in two splits');
      expect(html).not.toMatch(/<script|<img src=x|<i>\d|<b>\u2066/);
      expect(html).not.toMatch(/[\u202A-\u202E\u2066-\u2069]/);
      expect(html).toContain(
        '<bdi>&lt;/div&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(2)&gt; ',
      );
      expect(html).toContain('<i class="hidden-mark">U+202E</i>gnp.exe</bdi>');
      expect(html).toContain('<bdi>&lt;b&gt;<i class="hidden-mark">U+2066</i>0</bdi>');
    });
  });

  it('says loudly that a run is leaky, what is shared, and which families lie in several splits', () => {
    const rows = GOOD_ROWS.map((row, i) => ({ ...row, title: i < 6 ? 'the very same title' : row.title }));
    const random = ['data.split={strategy: random, fractions: {train: 0.5, validation: 0.3, test: 0.2}}'];
    return reported(
      rows,
      random,
      ({ html }) => {
        expect(html).toContain('<span class="badge leaky">leaky run</span>');
        expect(textOf(html)).toContain('Leaky run. Splits share what they must not');
        expect(html).toMatch(/<span class="shared">\d+<\/span>/);
        expect(textOf(html)).toContain('texts that several records have 1 1.00');
        expect(html).toContain('<div class="family crosses"><p class="family-head"><b>6 records</b>');
      },
      true,
    );
  });

  it('counts rejected rows by reason and shows the first', () => {
    const rows = GOOD_ROWS.map((row, i) => (i < 2 ? { ...row, price: `<u>${i}` } : row));
    return reported(rows, [...BY_GROUP, ...LENIENT], ({ html }) => {
      expect(textOf(html)).toContain('2 of 12 rows (0.167) were left out.');
      expect(html).toContain(
        '<b>2</b> <code>RECORD_INVALID</code> <span class="quiet">column <bdi>price</bdi></span>',
      );
      expect(textOf(html)).toMatch(/rows\.csv :2 &#39;&lt;u&gt;0&#39; is not a number/);
    });
  });

  it('counts what was purged as what is in no file', () =>
    reported(GOOD_ROWS, BY_GROUP, async ({ dir, again }) => {
      expect(textOf(await again(dir, { numRows: 15 }))).toContain('3 purged');
    }));

  it('stays small whatever the texts are', () =>
    reported(GOOD_ROWS, BY_GROUP, async ({ dir, again }) => {
      const lines = readFileSync(recordsPath(dir, 'train'), 'utf8').trim().split('\n');
      const record = JSON.parse(lines[0]!) as PreparedRecord;
      const text = Object.fromEntries(
        Array.from({ length: 3 }, (_, i) => [`f${i}`, '\u202E'.repeat(100_000)]),
      );
      const huge = lines.map((_, i) => JSON.stringify({ ...record, id: `huge ${i}`, text }));
      writeFileSync(recordsPath(dir, 'train'), `${huge.join('\n')}\n`);
      expect((await again(dir)).length).toBeLessThan(1e6);
    }));

  it('reads no image when it is given no way to', () =>
    reported(GOOD_ROWS, BY_GROUP, async ({ dir, again }) => {
      const html = await again(dir, { readImage: undefined });
      expect(html).not.toContain('<img');
      expect(html).toContain('<span class="no-photo">not shown</span>');
    }));

  it('is part of what prepare writes, and says nothing that the key of the stage does not know', () =>
    withTempDir(async (folder) => {
      const { dir, manifest } = await prepareStage(await tinySource(folder, GOOD_ROWS, BY_GROUP));
      const html = readFileSync(join(dir, DATA_REPORT_FILE), 'utf8');
      expect(manifest.files[DATA_REPORT_FILE]?.sizeBytes).toBe(Buffer.byteLength(html));
      expect(textOf(html)).toContain('Data rows.csv no leak source rows.csv split by group seed 3');
      expect(html).not.toMatch(/tiny|For tests/);
    }));
});
