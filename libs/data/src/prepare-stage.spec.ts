import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { assertStageMatches } from '@assay/core';
import { Preprocessor } from '@assay/preprocess';
import { withTempDir } from '@assay/testing';
import sharp from 'sharp';
import { DuplicateFinder } from './duplicates/find-duplicates.js';
import { ImageFiles } from './image-files.js';
import { assertNoLeak, measureLeaks, type LeakReport } from './leak-report.js';
import { prepareStage } from './prepare-stage.js';
import { readSafetensors } from './safetensors.js';
import type { PrepareStageOptions } from './prepare-options.js';
import type { PreparedRecord } from './prepared-record.js';
import type { Rejection } from './read-records.js';
import { SPLITS, type Split } from './split-key.js';
import { csvOf, GOOD_ROWS, tinySource, writePhoto, type TinyRow } from './tiny-source.fixture.js';

const readLines = <T>(path: string): T[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
const idsOf = (dir: string, split: string): string[] =>
  readLines<PreparedRecord>(join(dir, 'records', `${split}.jsonl`)).map(({ id }) => id);
const LENIENT = ['data.maxRejectedFraction=1'];
const BY_GROUP = ['data.split={strategy: group, fractions: {train: 0.4, validation: 0.4, test: 0.2}}'];

/** Runs the stage on rows, and checks that a failure leaves nothing behind but rejected rows, where there are too many. */
const run = <T>(
  rows: readonly TinyRow[] | string,
  overrides: string[],
  look: (options: PrepareStageOptions) => Promise<T>,
): Promise<T> =>
  withTempDir(async (dir) => {
    const options = await tinySource(dir, rows, overrides);
    try {
      return await look(options);
    } catch (error) {
      const { code } = error as { code?: unknown };
      expect(readdirSync(dir).sort()).toEqual(
        code === 'REJECTED_TOO_MANY' ? ['prepared.rejected.jsonl', 'source'] : ['source'],
      );
      throw error;
    }
  });

const failure = (rows: readonly TinyRow[] | string, overrides: string[] = []): Promise<unknown> =>
  run(rows, overrides, prepareStage).then(
    () => undefined,
    (error: unknown) => error,
  );

test('a source that can no longer be read makes what was prepared of it stale, until it is read again', () =>
  run(GOOD_ROWS, BY_GROUP, async (options) => {
    const { dir } = await prepareStage(options);
    const csv = join(options.loaded.dataRoot, 'rows.csv');
    await assertStageMatches(dir, {});
    renameSync(csv, `${csv}.away`);
    await expect(prepareStage(options)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    await expect(assertStageMatches(dir, {})).rejects.toMatchObject({ code: 'STAGE_STALE' });
    renameSync(`${csv}.away`, csv);
    expect((await prepareStage(options)).reused).toBe(true);
    await assertStageMatches(dir, {});
  }));

/** Prepares the good rows and one more, and gives the reason why that one was rejected. */
const rejectionOf = (row: TinyRow, overrides: string[] = []): Promise<Rejection | undefined> =>
  run(
    [...GOOD_ROWS, { ...GOOD_ROWS[0], id: 'more', ...row }],
    [...LENIENT, ...BY_GROUP, ...overrides],
    async (options) => {
      const { dir, manifest } = await prepareStage(options);
      const rejections = readLines<Rejection>(join(dir, 'rejected.jsonl'));
      expect(manifest.summary).toMatchObject({ rows: 13, kept: 12, purged: 0, rejected: 1 });
      expect(rejections).toHaveLength(1);
      return rejections[0];
    },
  );

describe('prepareStage', () => {
  it('splits by time, writes every record once and counts', () =>
    run(GOOD_ROWS, [], async (options) => {
      const { dir, manifest } = await prepareStage(options);
      expect(idsOf(dir, 'train')).toEqual(['r0', 'r1', 'r2', 'r3', 'r4', 'r5']);
      // Windows: r0..r6, r7..r10 and r11. Sellers s3 (r6, r7) and s5 (r10, r11) have one in each of two: both belong to
      // the later window, r6 and r10 are purged. Validation is then s3 and s4, one of them for calibration.
      expect(idsOf(dir, 'validation')).toEqual(['r8', 'r9']);
      expect(idsOf(dir, 'calibration')).toEqual(['r7']);
      expect(idsOf(dir, 'test')).toEqual(['r11']);
      expect(manifest.summary).toMatchObject({
        rows: 12,
        kept: 10,
        purged: 2,
        rejected: 0,
        leaky: false,
        splits: { train: 6, validation: 2, calibration: 1, test: 1 },
        classes: {
          train: { bad: { known: 6, positive: 2 } },
          validation: { bad: { known: 2, positive: 1 } },
          calibration: { bad: { known: 1, positive: 0 } },
          test: { bad: { known: 1, positive: 0 } },
        },
      });
      expect(readdirSync(join(dir, 'shards'))).toEqual([
        'calibration-00000.safetensors',
        'test-00000.safetensors',
        'train-00000.safetensors',
        'train-00001.safetensors',
        'validation-00000.safetensors',
      ]);
      expect(JSON.parse(readFileSync(join(dir, 'labels.json'), 'utf8'))).toEqual({
        schemaVersion: 1,
        kind: 'multi-label',
        names: ['bad'],
        ordered: false,
      });
      expect(readLines<PreparedRecord>(join(dir, 'records', 'train.jsonl'))[1]).toMatchObject({
        id: 'r1',
        source: 'rows.csv',
        line: 3,
        text: { title: 'title 1' },
        images: ['photos/grey-1.png'],
        labels: [0],
        group: 's0',
        timeMs: Date.UTC(2024, 0, 1, 1),
        slices: { colour: 'blue' },
      });
    }));

  it('gives equal bytes in two runs, and runs again only when something changed', () =>
    withTempDir(async (dir) => {
      const options = await tinySource(dir);
      const first = await prepareStage(options);
      const again = await prepareStage({ ...options, dir: join(dir, 'other') });
      expect(again.digest).toBe(first.digest);
      expect((await prepareStage(options)).reused).toBe(true);
      await writePhoto(join(dir, 'source', 'photos', 'grey-1.png'), 77);
      const changed = await prepareStage(options);
      expect(changed.reused).toBe(false);
      expect(changed.digest).not.toBe(first.digest);
    }));

  it('fits on the training split only', () =>
    run(GOOD_ROWS, [], async (options) => {
      const { dir } = await prepareStage(options);
      const { numeric } = JSON.parse(readFileSync(join(dir, 'preprocessor.json'), 'utf8')) as {
        numeric: { columns: unknown[] };
      };
      expect(numeric.columns).toMatchObject([{ name: 'price', mean: 2.5, min: 0, max: 5 }]);
    }));

  it('replaces what a killed run left', () =>
    withTempDir(async (dir) => {
      const options = await tinySource(dir);
      const leftover = join(dir, 'prepared.tmp-999999999-1-0');
      mkdirSync(leftover);
      writeFileSync(join(leftover, 'half.jsonl'), 'half');
      writeFileSync(join(dir, 'prepared.lock'), '999999999-1');
      const { reused } = await prepareStage(options);
      expect(reused).toBe(false);
      expect(readdirSync(dir).sort()).toEqual(['prepared', 'prepared.inputs.jsonl', 'source']);
    }));

  it('stops when it is interrupted, and leaves nothing', async () => {
    const error = await run(GOOD_ROWS, [], (options) =>
      prepareStage({ ...options, signal: AbortSignal.abort() }),
    ).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'INTERRUPTED' });
  });

  it('refuses a source that changes while it is prepared', () =>
    withTempDir(async (dir) => {
      const options = await tinySource(dir);
      const photos = join(dir, 'source', 'photos');
      copyFileSync(join(photos, 'grey-2.png'), join(dir, 'new.png'));
      const spy = jest.spyOn(Preprocessor.prototype, 'encode');
      spy.mockImplementationOnce(function (this: Preprocessor, record) {
        spy.mockRestore();
        renameSync(join(dir, 'new.png'), join(photos, 'grey-1.png'));
        return this.encode(record);
      });
      await expect(prepareStage(options)).rejects.toMatchObject({
        code: 'FILE_CORRUPT',
        message: expect.stringContaining('images') as string,
      });
      expect(existsSync(options.dir)).toBe(false);
    }));

  it.each([
    [
      'rows',
      'data.source.path=*.csv',
      'late.csv',
      csvOf([{ ...GOOD_ROWS[0], id: 'late' }]),
      'source have another',
    ],
    [
      'an image',
      'data.columns.images={pattern: "{id}/*.png", directory: photos}',
      'photos/r1/b.png',
      '',
      'imageNames have another',
    ],
  ])(
    'refuses a new file of %s that a pattern matches while it is prepared',
    (_, override, name, content, what) =>
      run(GOOD_ROWS, [...BY_GROUP, override], async (options) => {
        const { dataRoot } = options.loaded;
        for (const [i, { id = '' }] of GOOD_ROWS.entries())
          await writePhoto(join(dataRoot, 'photos', id, 'a.png'), 20 * i);
        const spy = jest.spyOn(DuplicateFinder.prototype, 'find');
        spy.mockImplementationOnce(function (this: DuplicateFinder, settings) {
          spy.mockRestore();
          writeFileSync(join(dataRoot, name), content);
          return this.find(settings);
        });
        await expect(prepareStage(options)).rejects.toMatchObject({
          code: 'FILE_CORRUPT',
          message: expect.stringContaining(what) as string,
        });
      }),
  );

  it('does not go on with a row that is another one than was checked', () =>
    run(GOOD_ROWS, BY_GROUP, async (options) => {
      const spy = jest.spyOn(DuplicateFinder.prototype, 'find');
      spy.mockImplementationOnce(function (this: DuplicateFinder, settings) {
        spy.mockRestore();
        writeFileSync(join(options.loaded.dataRoot, 'rows.csv'), csvOf([...GOOD_ROWS].reverse()));
        return this.find(settings);
      });
      await expect(prepareStage(options)).rejects.toMatchObject({
        code: 'FILE_CORRUPT',
        message: expect.stringContaining("row 1 is no longer the record 'r0'") as string,
      });
    }));

  it('runs again when a pattern names one more image, also where the model looks at none', () =>
    run(
      GOOD_ROWS,
      [...BY_GROUP, 'data.columns.images={pattern: "{id}/*.png", directory: photos}'],
      async (options) => {
        const { image: _image, ...preprocess } = options.loaded.config.preprocess;
        options.loaded.config = { ...options.loaded.config, preprocess };
        const photos = join(options.loaded.dataRoot, 'photos');
        await writePhoto(join(photos, 'r1', 'a.png'), 7);
        await prepareStage(options);
        expect((await prepareStage(options)).reused).toBe(true);
        await writePhoto(join(photos, 'r1', 'b.png'), 7);
        const { dir, reused } = await prepareStage(options);
        expect(reused).toBe(false);
        const records = SPLITS.flatMap((split) =>
          readLines<PreparedRecord>(join(dir, 'records', `${split}.jsonl`)),
        );
        expect(records.find(({ id }) => id === 'r1')?.images).toEqual(['photos/r1/a.png', 'photos/r1/b.png']);
      },
    ));

  it('closes the archives of images that changed when nothing is prepared anew', () =>
    run(GOOD_ROWS, BY_GROUP, async (options) => {
      await prepareStage(options);
      const close = jest.spyOn(ImageFiles.prototype, 'close');
      expect((await prepareStage(options)).reused).toBe(true);
      expect(close).toHaveBeenCalled();
      close.mockRestore();
    }));

  it('keeps the id of a row that is rejected for its image free for a later row', () => {
    const rows = [{ ...GOOD_ROWS[0], photos: 'none.png' }, ...GOOD_ROWS];
    return run(rows, [...LENIENT, ...BY_GROUP], async (options) => {
      const { dir, manifest } = await prepareStage(options);
      expect(manifest.summary).toMatchObject({ rows: 13, kept: 12, rejected: 1 });
      expect(readLines<Rejection>(join(dir, 'rejected.jsonl'))).toMatchObject([
        { line: 2, code: 'FILE_NOT_FOUND' },
      ]);
    });
  });

  it('deals records without text by their ids when the split is by hash', () => {
    const rows = Array.from({ length: 40 }, (_, i) => ({
      ...GOOD_ROWS[i % 12],
      id: `r${i}`,
      title: ' ',
      photos: '',
      seller: `s${i}`,
    }));
    return run(rows, ['data.split={strategy: hash}'], async (options) => {
      const { manifest } = await prepareStage(options);
      const { splits } = manifest.summary as { splits: Record<Split, number> };
      for (const size of Object.values(splits)) expect(size).toBeGreaterThan(0);
    });
  });

  it('needs no photo when the pipeline has no image input', () =>
    run(GOOD_ROWS, [], async (options) => {
      const { image: _image, ...preprocess } = options.loaded.config.preprocess;
      options.loaded.config = { ...options.loaded.config, preprocess };
      rmSync(join(options.loaded.dataRoot, 'photos'), { recursive: true });
      const { manifest } = await prepareStage(options);
      expect(manifest.summary).toMatchObject({ rejected: 0, hasImages: false });
      expect(manifest.inputs['images']).toBeUndefined();
    }));

  it('says in the leak report which images nobody has looked at', () =>
    withTempDir(async (dir) => {
      const three = 'grey-1.png|grey-2.png|grey-3.png'; // of which the model sees two
      const rows = GOOD_ROWS.map((row, i) => ({ ...row, photos: i < 5 ? three : '' }));
      const options = await tinySource(dir, rows, ['data.split.strategy=group']);
      const leaksOf = async (): Promise<LeakReport> => {
        const { dir: prepared } = await prepareStage({ ...options, allowLeak: true });
        return JSON.parse(readFileSync(join(prepared, 'leak.json'), 'utf8')) as LeakReport;
      };
      expect((await leaksOf()).images).toEqual({ perRecord: 2, skipped: 5 });
      const { image: _image, ...preprocess } = options.loaded.config.preprocess;
      options.loaded.config = { ...options.loaded.config, preprocess };
      const { images, pairs } = await leaksOf();
      expect(images).toBeNull();
      for (const { equalImages, nearImages } of pairs)
        expect([equalImages, nearImages]).toEqual([null, null]);
    }));
});

describe('prepareStage, rows that it rejects', () => {
  it.each<[string, TinyRow, Partial<Rejection>]>([
    ['a number that is none', { price: 'cheap' }, { column: 'price', code: 'RECORD_INVALID' }],
    ['a time that is none', { at: 'yesterday' }, { column: 'at', code: 'RECORD_INVALID' }],
    ['an empty id', { id: '' }, { column: 'id', code: 'RECORD_INVALID' }],
    ['an id that was there before', { id: 'r3' }, { column: 'id', code: 'RECORD_INVALID' }],
    ['a label that the config does not list', { bad: 'perhaps' }, { column: 'bad', code: 'LABEL_UNKNOWN' }],
    [
      'an image that is not there',
      { photos: 'grey-1.png|none.png' },
      { column: 'photos', code: 'FILE_NOT_FOUND' },
    ],
    [
      'an image path that leaves the folder',
      { photos: '../rows.csv' },
      { column: 'photos', code: 'RECORD_INVALID' },
    ],
    [
      'an image path that leaves the folder by backslashes',
      { photos: 'x\\..\\..\\..\\outside.png' },
      { column: 'photos', code: 'RECORD_INVALID' },
    ],
    [
      'a path that no file system takes',
      { photos: 'x'.repeat(300) },
      { column: 'photos', code: 'FILE_NOT_FOUND' },
    ],
    ['a number beyond float32', { price: '1e39' }, { column: 'price', code: 'RECORD_INVALID' }],
    ['an absolute image path', { photos: '/etc/hostname' }, { column: 'photos', code: 'RECORD_INVALID' }],
  ])('rejects %s', async (_, row, expected) => {
    expect(await rejectionOf(row)).toMatchObject({ source: 'rows.csv', line: 14, ...expected });
  });

  it('keeps the text of a rejected row', async () => {
    expect((await rejectionOf({ price: 'cheap “é”' }))?.raw).toBe(
      '"more","title 0","grey-0.png","cheap “é”","red","s0","2024-01-01T00:00:00Z","1","all"',
    );
  });

  it('rejects an empty time when the split needs one', () =>
    run([...GOOD_ROWS, { ...GOOD_ROWS[0], id: 'more', at: '' }], LENIENT, async (options) => {
      const { dir } = await prepareStage(options);
      expect(readLines<Rejection>(join(dir, 'rejected.jsonl'))).toMatchObject([
        { column: 'at', code: 'RECORD_INVALID' },
      ]);
    }));

  it('rejects a split value that the config does not list', async () => {
    const bySeller =
      'data.split={strategy: column, column: part, train: [all], test: [last], validationFraction: 0.4}';
    const rows = [
      ...GOOD_ROWS.slice(0, 10),
      ...GOOD_ROWS.slice(10).map((row) => ({ ...row, part: 'last' })),
      { ...GOOD_ROWS[0], id: 'more', part: 'first' },
    ];
    await run(rows, [...LENIENT, bySeller], async (options) => {
      const { dir } = await prepareStage(options);
      expect(readLines<Rejection>(join(dir, 'rejected.jsonl'))).toMatchObject([
        { line: 14, column: 'part', code: 'RECORD_INVALID' },
      ]);
    });
  });

  it.each([
    ['damaged', Buffer.from('not an image'), 'IMAGE_INVALID'],
    ['too large', undefined, 'IMAGE_TOO_LARGE'],
  ])('rejects an image that is %s', (_, bytes, code) =>
    withTempDir(async (dir) => {
      const options = await tinySource(
        dir,
        [...GOOD_ROWS, { ...GOOD_ROWS[0], id: 'more', photos: 'odd.png' }],
        [...LENIENT, ...BY_GROUP, 'data.maxImagePixels=100'],
      );
      const path = join(dir, 'source', 'photos', 'odd.png');
      writeFileSync(
        path,
        bytes ??
          (await sharp({ create: { width: 11, height: 10, channels: 3, background: 'red' } })
            .png()
            .toBuffer()),
      );
      const result = await prepareStage(options);
      expect(readLines<Rejection>(join(result.dir, 'rejected.jsonl'))).toMatchObject([
        { line: 14, column: 'photos', code, message: expect.stringContaining('photos/odd.png') as string },
      ]);
    }),
  );

  it('rejects a row with too few or too many cells', () =>
    run(`${csvOf(GOOD_ROWS)}more,cells\n`, LENIENT, async (options) => {
      const { dir } = await prepareStage(options);
      expect(readLines<Rejection>(join(dir, 'rejected.jsonl'))).toMatchObject([
        { line: 14, column: null, code: 'RECORD_INVALID', raw: 'more,cells' },
      ]);
    }));

  it('stops when more rows are rejected than allowed, with a table of reasons', async () => {
    const rows = GOOD_ROWS.map((row, i) =>
      i < 3 ? { ...row, price: 'x' } : i === 3 ? { ...row, bad: 'x' } : row,
    );
    const error = await failure(rows, ['data.maxRejectedFraction=0.3']);
    expect(error).toMatchObject({ code: 'REJECTED_TOO_MANY', details: { numRejected: 4, numRows: 12 } });
    expect((error as Error).message).toContain('4 of 12 rows (33.3 %)');
    expect((error as Error).message).toMatch(
      / {2}3 +RECORD_INVALID +price +rows\.csv:2: .*\n {2}1 +LABEL_UNKNOWN +bad +rows\.csv:5: /,
    );
  });
});

test('all rejected rows are kept beside the stage when they are too many, until it succeeds', () =>
  withTempDir(async (dir) => {
    const rows = GOOD_ROWS.map((row, i) => (i < 3 ? { ...row, price: 'x' } : row));
    const options = await tinySource(dir, rows, [...BY_GROUP, 'data.maxRejectedFraction=0.1']);
    const path = `${options.dir}.rejected.jsonl`;
    await expect(prepareStage(options)).rejects.toMatchObject({
      code: 'REJECTED_TOO_MANY',
      message: expect.stringContaining(`All of them are in ${path}. Fix: `) as string,
      details: { path },
    });
    const lines = readLines<Rejection>(path);
    expect(lines.map(({ line, column }) => [line, column])).toEqual([2, 3, 4].map((line) => [line, 'price']));
    expect(lines[0]?.raw).toContain('"grey-0.png","x","red"');
    writeFileSync(join(options.loaded.dataRoot, 'rows.csv'), csvOf(GOOD_ROWS));
    await prepareStage(options);
    expect(readdirSync(dir).sort()).toEqual(['prepared', 'prepared.inputs.jsonl', 'source']);
  }));

describe('prepareStage, failures of the machine', () => {
  /** Runs out of disk while it encodes, and runs `before` first. */
  const failToEncode = (options: PrepareStageOptions, before: () => void): Promise<unknown> => {
    const spy = jest.spyOn(Preprocessor.prototype, 'encode');
    spy.mockImplementationOnce(() => {
      spy.mockRestore();
      before();
      throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    });
    return prepareStage(options).catch((error: unknown) => error);
  };

  it('keep what was done so far for the next run', () =>
    withTempDir(async (dir) => {
      const options = await tinySource(dir);
      expect(await failToEncode(options, () => undefined)).toMatchObject({ code: 'DISK_FULL' });
      const [work = ''] = readdirSync(`${options.dir}.work`);
      expect(readLines(join(`${options.dir}.work`, work, 'fingerprints.jsonl'))).toHaveLength(12);
      expect((await prepareStage(options)).manifest.summary).toMatchObject({ rows: 12, rejected: 0 });
      expect(readdirSync(dir).sort()).toEqual(['prepared', 'prepared.inputs.jsonl', 'source']);
    }));

  it('do not fail a stage that was done, when what was found out cannot be written down', () =>
    withTempDir(async (dir) => {
      const options = await tinySource(dir);
      mkdirSync(join(dir, 'prepared.inputs.jsonl', 'in the way'), { recursive: true });
      expect((await prepareStage(options)).reused).toBe(false);
      expect((await prepareStage(options)).reused).toBe(true);
    }));

  it('keep nothing when the source changed meanwhile', () =>
    withTempDir(async (dir) => {
      const options = await tinySource(dir);
      const change = (): void =>
        writeFileSync(join(options.loaded.dataRoot, 'rows.csv'), csvOf(GOOD_ROWS.slice(1)));
      expect(await failToEncode(options, change)).toMatchObject({ code: 'FILE_CORRUPT' });
      expect(readdirSync(dir)).toEqual(['source']);
    }));
});

describe('prepareStage, sources that it refuses', () => {
  it('names the missing column, the key that wants it, and the nearest one', async () => {
    const error = await failure(GOOD_ROWS, ['data.columns.numeric=[prise]']);
    expect(error).toMatchObject({ code: 'COLUMN_MISSING', details: { missing: ['prise'] } });
    expect((error as Error).message).toContain("'prise' (data.columns.numeric); did you mean 'price'?");
    expect((error as Error).message).toContain('It has: id, title, photos');
  });

  it.each([
    ['an empty file', ''],
    ['a header without rows', csvOf([])],
  ])('refuses %s', async (_, csv) => {
    expect(await failure(csv)).toMatchObject({ code: 'DATA_EMPTY' });
  });

  it('refuses a column that is there twice', async () => {
    expect(await failure(csvOf(GOOD_ROWS).replace(',part', ',price'))).toMatchObject({
      code: 'FILE_CORRUPT',
      message: expect.stringContaining("'price' twice") as string,
    });
  });

  it('refuses a split without records', async () => {
    expect(await failure(GOOD_ROWS.slice(0, 2))).toMatchObject({
      code: 'DATA_EMPTY',
      message: expect.stringContaining('validation') as string,
    });
  });

  it('refuses a validation split of one group, which cannot be shared with calibration', async () => {
    const rows = GOOD_ROWS.map((row, i) => ({ ...row, seller: i < 7 ? `s${i}` : i < 11 ? 'one' : 'last' }));
    const error = await failure(rows);
    expect(error).toMatchObject({
      code: 'DATA_EMPTY',
      details: { counts: { train: 7, validation: 4, calibration: 0, test: 1, purged: 0 } },
    });
    expect((error as Error).message).toContain('to the split calibration');
    expect((error as Error).message).toContain('takes two groups at least');
  });

  it.each([
    ['0', 'every known label is 0'],
    ['', 'no known label'],
  ])('refuses training labels that are all %j', async (bad, reason) => {
    const error = await failure(GOOD_ROWS.map((row) => ({ ...row, bad })));
    expect(error).toMatchObject({ code: 'LABELS_DEGENERATE', details: { classes: ['bad'] } });
    expect((error as Error).message).toContain(`bad: ${reason}`);
  });

  it('refuses a data root that does not exist', () =>
    withTempDir(async (dir) => {
      const options = await tinySource(dir);
      rmSync(join(dir, 'source'), { recursive: true });
      await expect(prepareStage(options)).rejects.toMatchObject({ code: 'DATA_ROOT_MISSING' });
      expect(existsSync(options.dir)).toBe(false);
    }));
});

it('shards count their rows on, and say how long each text is', () =>
  run(GOOD_ROWS, [], async (options) => {
    const { dir } = await prepareStage(options);
    const shards = await Promise.all(
      [0, 1].map(
        async (i) => (await readSafetensors(join(dir, `shards/train-0000${i}.safetensors`))).tensors,
      ),
    );
    expect(shards.flatMap(({ row_B }) => [...row_B!.data])).toEqual([0, 1, 2, 3, 4, 5]);
    for (const { mask_BL, length_B } of shards) {
      const lengths = [...length_B!.data].map(Number);
      const masks = [...mask_BL!.data].map(Number);
      expect(lengths).toEqual(
        lengths.map((_, b) => masks.slice(8 * b, 8 * b + 8).reduce((sum, x) => sum + x, 0)),
      );
    }
  }));

describe('prepareStage, leaks', () => {
  const random = ['data.split={strategy: random, fractions: {train: 0.5, validation: 0.25, test: 0.25}}'];
  const byColumn = ['data.split={strategy: column, column: part, train: [a], validation: [b], test: [c]}'];
  const parts = (names: string): TinyRow[] => GOOD_ROWS.map((row, i) => ({ ...row, part: names[i] ?? 'a' }));

  it('refuses to tear groups apart at random, before it reads anything', async () => {
    expect(await failure(GOOD_ROWS, random)).toMatchObject({ code: 'LEAK' });
  });

  it('leaves out what a split column tears from a group', () =>
    // groups: r0 r1 | r2 r3 | r4 r5 | r6 r7 | r8 r9 | r10 r11; the column tears r8 from r9
    run(parts('aaaabbbbaccc'), byColumn, async (options) => {
      const { dir, manifest } = await prepareStage(options);
      expect(manifest.summary).toMatchObject({ kept: 11, purged: 1, leaky: false });
      expect([idsOf(dir, 'train'), idsOf(dir, 'test')]).toEqual([
        ['r0', 'r1', 'r2', 'r3'],
        ['r9', 'r10', 'r11'],
      ]);
    }));

  it('goes on when that is allowed, and says so', () =>
    run(GOOD_ROWS, [...random, 'seed=1'], async (options) => {
      const { manifest } = await prepareStage({ ...options, allowLeak: true });
      expect(manifest.summary['leaky']).toBe(true);
    }));

  it('does not take a leaky result for a clean one', () =>
    run(parts('aaaabbbbaccc'), byColumn, async (options) => {
      const leaky = await prepareStage({ ...options, allowLeak: true });
      expect(leaky.manifest.summary).toMatchObject({ kept: 12, leaky: true });
      expect((await prepareStage(options)).manifest.summary).toMatchObject({ kept: 11, leaky: false });
    }));

  it('reports equal texts and images, times and labels', () =>
    run(
      parts('aaaabbbbcccc').map((row, i) => ({
        ...row,
        photos: `grey-${i % 4}.png`,
        title: i === 8 ? 'title 0' : row.title,
      })),
      byColumn,
      async (options) => {
        const { dir } = await prepareStage({ ...options, allowLeak: true });
        const report = JSON.parse(readFileSync(join(dir, 'leak.json'), 'utf8')) as LeakReport;
        expect(report).toMatchObject({ inOrderOfTime: false, skippedTexts: 0 });
        const numbers = (split: Split): number[] => idsOf(dir, split).map((id) => Number(id.slice(1)));
        expect(numbers('test')).toEqual([8, 9, 10, 11]);
        const pairs = SPLITS.flatMap((a, i) => SPLITS.slice(i + 1).map((b): [Split, Split] => [a, b]));
        expect(report.pairs).toEqual(
          pairs.map(([a, b]) => {
            const [first, second] = [numbers(a), numbers(b)];
            const withPhoto = second.filter((i) => first.some((j) => i % 4 === j % 4));
            const texts = Number(a === 'train' && b === 'test');
            return {
              between: [a, b],
              sharedIds: 0,
              sharedGroups: first.filter((i) => second.includes(i % 2 === 0 ? i + 1 : i - 1)).length,
              equalTexts: texts,
              nearTexts: 0,
              equalImages: new Set(withPhoto.map((i) => i % 4)).size,
              nearImages: 0,
              recordsWithEqualText: texts,
              recordsWithEqualImage: withPhoto.length,
              timesOverlap: Math.max(...first) > Math.min(...second),
            };
          }),
        );
        expect(report.classes.test).toEqual({ bad: { known: 4, positive: 1 } });
        expect(report.times.train).toEqual({
          first: '2024-01-01T00:00:00.000Z',
          last: '2024-01-01T03:00:00.000Z',
        });
      },
    ));

  it('says of how many records no group is known, and refuses a group column that says nothing', () => {
    const without = (isWithout: (i: number) => boolean): TinyRow[] =>
      GOOD_ROWS.map((row, i) => (isWithout(i) ? { ...row, seller: ' ' } : row));
    return run(
      without((i) => i > 8),
      [],
      async (options) => {
        const { dir, manifest } = await prepareStage(options);
        const leaks = JSON.parse(readFileSync(join(dir, 'leak.json'), 'utf8')) as LeakReport;
        expect(leaks).toMatchObject({ leaky: false, recordsWithoutGroup: { seller: 3 } });
        expect(manifest.summary['notCompared']).toEqual([
          "3 records have no value of the group column 'seller': siblings among them may lie in two splits.",
        ]);
        // `failure` also looks that nothing is left beside the source
        expect(await failure(without(() => true))).toMatchObject({
          code: 'COLUMN_MISSING',
          details: { missing: ['seller'] },
        });
      },
    );
  });

  it('splits that are to follow each other in time and do not are a leak', () =>
    // train r4 to r7, validation and calibration r8 to r11, test r0 to r3
    run(parts('ccccaaaabbbb'), byColumn, async (options) => {
      const { dir } = await prepareStage(options);
      const { duplicates } = options.loaded.config.data;
      const measure = async (inOrderOfTime: boolean): Promise<LeakReport> =>
        (
          await measureLeaks(dir, {
            ...{ names: ['bad'], groupColumns: ['seller'], duplicates, inOrderOfTime, maxImages: 2 },
          })
        ).report;
      expect((await measure(false)).leaky).toBe(false);
      const report = await measure(true);
      expect(report.leaky).toBe(true);
      expect(() => assertNoLeak(report)).toThrow('  - train and test: times that overlap\n');
      expect(() => assertNoLeak(report)).not.toThrow('validation and calibration');
    }));

  it('says how many comparisons of texts it has left out', () =>
    run(GOOD_ROWS, BY_GROUP, async (options) => {
      const search = jest
        .spyOn(DuplicateFinder.prototype, 'find')
        .mockImplementation(() => Promise.resolve({ links: [], skipped: 7 }));
      try {
        const { dir } = await prepareStage(options);
        const report = JSON.parse(readFileSync(join(dir, 'leak.json'), 'utf8')) as LeakReport;
        expect(report.skippedTexts).toBe(7);
        expect(readFileSync(join(dir, 'report.html'), 'utf8')).toContain('not all was compared');
      } finally {
        search.mockRestore();
      }
    }));

  it('keeps the groups of every column whole', () =>
    run(
      parts('aaaabbbbcccc').map((row, i) => ({ ...row, colour: i === 3 || i === 9 ? 'both' : `own ${i}` })),
      [...byColumn, 'data.columns.group=[seller, colour]', 'data.columns.categorical=[]'],
      async (options) => {
        const { dir } = await prepareStage(options);
        // r3 stands with r9 by its colour, and r2 with r3 by its seller
        expect(idsOf(dir, 'train')).toEqual(['r0', 'r1']);
        expect(readLines<PreparedRecord>(join(dir, 'records', 'test.jsonl'))[1]).toMatchObject({
          id: 'r9',
          unit: 'r2',
          group: 's4',
          moreGroups: ['both'],
        });
      },
    ));

  it('says which groups of a second column are shared', () =>
    run(
      parts('aaaabbbbcccc').map((row, i) => ({ ...row, colour: i === 3 || i === 9 ? 'both' : `own ${i}` })),
      [...byColumn, 'data.columns.group=[seller, colour]', 'data.columns.categorical=[]'],
      async (options) => {
        const { dir } = await prepareStage({ ...options, allowLeak: true });
        const { pairs } = JSON.parse(readFileSync(join(dir, 'leak.json'), 'utf8')) as LeakReport;
        expect(pairs.find(({ between }) => String(between) === 'train,test')?.sharedGroups).toBe(1);
      },
    ));
});

describe('prepareStage, duplicates', () => {
  const byColumn = 'data.split={strategy: column, column: part, train: [a], validation: [b], test: [c]}';
  const WORDS = 'a long sentence about one of the things that this seller makes by hand, with number';
  /** Rows without photos, each a seller of its own; r1 and r9 say nearly the same, r2 and r10 the same. */
  const ROWS = GOOD_ROWS.map((row, i): TinyRow => ({
    ...row,
    photos: '',
    bad: i === 3 ? '0' : row.bad,
    seller: `own ${i}`,
    title:
      i === 9 || i === 1
        ? `${WORDS} ${i}`
        : `title ${i === 10 ? 2 : i} of ${'abcdefghijkl'[i === 10 ? 2 : i]}`,
    part: 'aaaabbbbcccc'[i],
  }));

  it('keeps near texts together, says what it found and who was first, and leaves nothing shared', () =>
    run(ROWS, [byColumn], async (options) => {
      const { dir, manifest } = await prepareStage(options);
      expect(manifest.summary).toMatchObject({
        purged: 2,
        duplicates: { links: 2, skipped: 0, labelsDiffer: 1, components: 2, largestComponent: 2 },
      });
      expect(idsOf(dir, 'train')).toEqual(['r0', 'r3']);
      const lines = (name: string): unknown[] =>
        readFileSync(join(dir, name), 'utf8')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as unknown);
      const firstSeen = '2024-01-01T01:00:00.000Z';
      const near = { kind: 'near text', similarity: expect.closeTo(0.98, 1) as number, a: ['r1'], b: ['r9'] };
      expect(lines('duplicates.jsonl')[0]).toEqual({ ...near, first: 'r1', firstSeen, labelsDiffer: true });
      expect(lines('duplicates.jsonl')[1]).toMatchObject({
        kind: 'equal text',
        a: ['r2'],
        b: ['r10'],
        first: 'r2',
        labelsDiffer: false,
      });
      expect(lines('components.jsonl')[0]).toEqual({ ids: ['r1', 'r9'], first: 'r1', firstSeen });
      const { leaky, pairs } = JSON.parse(readFileSync(join(dir, 'leak.json'), 'utf8')) as LeakReport;
      expect(leaky).toBe(false);
      for (const { equalTexts, nearTexts } of pairs) expect([equalTexts, nearTexts]).toEqual([0, 0]);
    }));

  it('deals again when the leak report finds what was missed before', () =>
    run(ROWS, [byColumn], async (options) => {
      const missing = jest
        .spyOn(DuplicateFinder.prototype, 'find')
        .mockImplementationOnce(() => Promise.resolve({ links: [], skipped: 1 }));
      try {
        const { dir, manifest } = await prepareStage(options);
        expect(missing).toHaveBeenCalledTimes(3); // before the split, and after each of two
        expect(manifest.summary).toMatchObject({ purged: 2, leaky: false, duplicates: { links: 2 } });
        expect(idsOf(dir, 'train')).toEqual(['r0', 'r3']);
        expect(readLines<{ a: string[]; b: string[] }>(join(dir, 'duplicates.jsonl'))).toMatchObject([
          { a: ['r1'], b: ['r9'] },
          { a: ['r2'], b: ['r10'] },
        ]);
      } finally {
        missing.mockRestore();
      }
    }));

  it('finds by other hashes what the search before the split has missed', () =>
    run(
      // a pair of similarity 0.8 that shares no band of the first hashes
      ROWS.map((row, i) => {
        if (i === 1) return { ...row, title: 'ctfgdpmmcdfhmfsnkdtmbrnt' };
        return i === 9 ? { ...row, title: 'ctfgdpmmcdfhmfsnkdtmbrntgfchb' } : row;
      }),
      [byColumn],
      async (options) => {
        const { dir, manifest } = await prepareStage(options);
        expect(manifest.summary).toMatchObject({ leaky: false, purged: 2, duplicates: { links: 2 } });
        expect(readLines(join(dir, 'duplicates.jsonl'))).toContainEqual(
          expect.objectContaining({ kind: 'near text', a: ['r1'], b: ['r9'] }),
        );
      },
    ));

  it('counts them in what was written when it may leak', () =>
    run(ROWS, [byColumn], async (options) => {
      const { dir, manifest } = await prepareStage({ ...options, allowLeak: true });
      expect(manifest.summary).toMatchObject({ kept: 12, leaky: true });
      const { pairs } = JSON.parse(readFileSync(join(dir, 'leak.json'), 'utf8')) as LeakReport;
      expect(pairs.find(({ between }) => String(between) === 'train,test')).toMatchObject({
        equalTexts: 1,
        nearTexts: 1,
        recordsWithEqualText: 1,
      });
    }));

  it('finds a photo again that was saved in another format, and one that was mirrored', () =>
    run(
      ROWS.map((row, i) => ({ ...row, photos: ['x.png', 'y.jpg', 'z.png'][i] ?? '' })),
      [],
      async (options) => {
        const folder = join(options.loaded.dataRoot, 'photos');
        const noise = sharp(
          Buffer.from(Array.from({ length: 64 * 48 * 3 }, (_, i) => ((i * 7919) % 251) ^ ((i >> 6) % 97))),
          { raw: { width: 64, height: 48, channels: 3 } },
        )
          .blur(3)
          .normalise();
        await noise.clone().png().toFile(join(folder, 'x.png'));
        await noise.clone().jpeg({ quality: 90 }).toFile(join(folder, 'y.jpg'));
        await noise.clone().flop().png().toFile(join(folder, 'z.png'));
        const { dir } = await prepareStage({ ...options, allowLeak: true });
        const kinds = readFileSync(join(dir, 'duplicates.jsonl'), 'utf8').match(/(near|mirrored) image/g);
        expect(kinds).toEqual(['near image', 'mirrored image', 'mirrored image']);
      },
    ));
});
