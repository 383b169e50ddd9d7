import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { AssayError } from '@assay/core';
import { pipelineJsonSchema } from './json-schema.js';
import { loadConfig, parseConfig } from './load-config.js';
import { editDistance, nearest } from './nearest.js';
import { serveConfigOf } from './serve-config-of.js';
import { applyOverrides } from './overrides.js';

const MINIMAL = `
schemaVersion: 1
name: toy
description: A toy.
data:
  root: .
  source: { path: toy.csv }
  columns: { id: id, text: { title: title }, numeric: [price], group: seller }
  labels:
    kind: multi-label
    policies: [{ name: weapons, column: y }]
  split: { strategy: group }
preprocess: { text: { fields: [title] } }
model: { text: {} }
`;

const problemOf = (text: string, overrides: string[] = []): string => {
  try {
    parseConfig(text, { overrides });
  } catch (error) {
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', exitStatus: 2 });
    return (error as AssayError).message;
  }
  throw new Error('the config was accepted');
};

test('a minimal file gets the defaults of every section', () => {
  const config = parseConfig(MINIMAL);
  expect(config.train).toMatchObject({ batchSize: 64, patience: 4 });
  expect(config.data.split).toEqual({
    strategy: 'group',
    fractions: { train: 0.7, validation: 0.15, test: 0.15 },
    calibrationFraction: 0.5,
  });
  expect(config.evaluate.operatingPoint).toEqual({ minPrecision: 0.9, confidence: 0.95, reviewRecall: 0.9 });
});

test('an unknown key names the nearest known one, at the top and deep inside a union', () => {
  expect(problemOf(`${MINIMAL}trian: {}`)).toContain("unknown key 'trian'; did you mean 'train'?");
  expect(problemOf(MINIMAL, ['train.batchsize=3'])).toContain(
    "unknown key 'train.batchsize'; did you mean 'batchSize'?",
  );
  expect(problemOf(MINIMAL, ['data.split.fraction=1'])).toContain(
    "unknown key 'data.split.fraction'; did you mean 'fractions'?",
  );
  expect(problemOf(MINIMAL, ['data.columns.zzzzzz=1'])).toContain('known: id, text');
});

test('a config does not say where it is served, which nothing read', () => {
  for (const key of ['host', 'port'])
    expect(problemOf(MINIMAL, [`serve.${key}=1`])).toContain(`unknown key 'serve.${key}'`);
});

test('the limits of serving are read out of a bundle, also of one that still names a host', () => {
  const serve = { host: '0.0.0.0', port: 80, maxBatch: 7 };
  expect(serveConfigOf({ name: 'toy', serve })).toEqual({ maxBodyBytes: 20_000_000, maxBatch: 7 });
  expect(serveConfigOf({})).toEqual({ maxBodyBytes: 20_000_000, maxBatch: 64 });
  expect(() => serveConfigOf({ serve: { maxBatch: 0 } })).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID' }) as Error,
  );
});

test('every problem is listed at once', () => {
  const message = problemOf(MINIMAL, ['train.batchSize=0', 'seed=-1']);
  expect(message).toContain('2 problems');
  expect(message).toContain('train.batchSize:');
  expect(message).toContain('seed:');
});

test.each([
  ['model.image={}', 'model.image: needs a section preprocess.image'],
  ['preprocess.text.fields=[body]', "'body' is not a field of data.columns.text (title)"],
  ['data.split={strategy: time}', "strategy 'time' needs data.columns.time"],
  ['data.split.fractions={train: 0.5, validation: 0.1, test: 0.1}', 'fractions must add up to 1'],
  ['evaluate.gates=[{policy: drugs, metric: auroc, atLeast: 0.5}]', "'drugs' is not one of weapons, mean"],
  ['model={}', 'names no modality'],
  ['preprocess.text.fields=[constructor]', "'constructor' is not a field"],
  ['data.labels.policies.1={name: weapons, column: z}', 'two policies have the same name'],
  ['data.labels.policies.0.name=mean', "'mean' is the mean over all"],
  ['data.labels.policies.0.negative=["1"]', 'a value is both positive and negative'],
  [
    'data.labels={kind: multi-class, column: y, classes: [{name: a}, {name: a}]}',
    'two classes have the same name',
  ],
  [
    'data.labels={kind: multi-class, column: y, classes: [{name: a}, {name: b, value: a}]}',
    'two classes have the same value',
  ],
  ['data.split={strategy: column, column: c, train: [a, b], test: [b]}', 'a value is in more than one of'],
  ['data.split={strategy: hash, test: [1], validation: [1]}', 'in both test and validation'],
  ['data.split={strategy: hash, test: [5]}', 'is not below modulus'],
  ['data.split.fractions={train: 0.8, validation: 0, test: 0.2}', 'data.split.fractions.validation:'],
  ['data.split.calibrationFraction=1', 'data.split.calibrationFraction:'],
  ['publish.policyVersions={drugs: "2"}', "'drugs' is not one of weapons"],
  ['publish.registeredModel="a/b"', 'must not hold slashes'],
  ['publish.experiment="a\'b"', 'must not hold slashes, colons or quotes'],
  ['evaluate.operatingPoint.minPrecision=1', 'evaluate.operatingPoint.minPrecision:'],
  ['evaluate.operatingPoint.confidence=0', 'evaluate.operatingPoint.confidence:'],
  ['preprocess.text.maxTokens=1000000', 'preprocess.text.maxTokens:'],
  ['preprocess.text.charNgrams=[1, 1000]', 'preprocess.text.charNgrams.1:'],
  ['preprocess.text={kind: bpe, fields: [title], buckets: 9}', "unknown key 'preprocess.text.buckets'"],
  ['preprocess.text={kind: sentencepiece, fields: [title]}', 'preprocess.text.kind:'],
  ['preprocess.text={kind: tokenizer-json, fields: [title], file: t.json}', 'preprocess.text.sha256:'],
  [
    'preprocess.text={kind: tokenizer-json, fields: [title], file: t.json, sha256: abc}',
    'must be the SHA-256 of the file',
  ],
  ['preprocess.numeric.columns={prize: quantile}', "'prize' is not a column of data.columns.numeric (price)"],
  ['preprocess.numeric.quantiles=1', 'preprocess.numeric.quantiles:'],
  [
    'preprocess.image={height: 224, width: 224, resize: {fit: cover, shortestEdge: 200}}',
    'preprocess.image.resize.shortestEdge: must be at least height and width',
  ],
  [
    'preprocess.image={resize: {fit: contain, background: [0, 0, 256]}}',
    'preprocess.image.resize.background.2:',
  ],
  ['data.shardRows=10000000', 'data.shardRows:'],
  ['data.columns.text={title: a, Title: b}', 'data.columns.text: two names are the same but for capitals'],
  ['data.columns.text={title: a, "": b}', 'data.columns.text: a field has no name'],
  ['data.columns.text={title: a, "b\\0": b}', 'data.columns.text: the name of a field holds a NUL'],
  ['data.columns.slices=[c, C]', 'data.columns.slices: two names are the same but for capitals'],
  ['data.columns.slices=[c, c]', 'data.columns.slices: two names are the same but for capitals'],
  ['data.columns.slices=["\\ud800"]', 'data.columns.slices.0: holds a NUL character or half'],
  ['data.columns.numeric=[price, price]', 'data.columns.numeric: two names are the same but for capitals'],
  ['data.columns.categorical=[a, A]', 'data.columns.categorical: two names are the same but for capitals'],
  ['data.columns.group=[seller, Seller]', 'data.columns.group: two names are the same but for capitals'],
  ['data.columns.images.column=[a, a]', 'data.columns.images.column: a column is named twice'],
  [
    'data.columns={id: id, text: {Messages: a}, messages: {layout: list, column: b}}',
    "data.columns.text: 'messages' is the field of data.columns.messages",
  ],
  ['preprocess.text.fields=[title, title]', 'preprocess.text.fields: a field is named twice'],
])('--set %s is refused with a reason', (override, reason) => {
  expect(problemOf(MINIMAL, [override])).toContain(reason);
});

test('the kind of text encoder is hashed n-grams when the config does not say', () => {
  expect(parseConfig(MINIMAL).preprocess).toEqual({
    text: {
      ...{ kind: 'hashed-ngrams', fields: ['title'], view: 'normalized', changes: false, maxTokens: 512 },
      ...{ wordNgrams: [1, 2], charNgrams: [3, 5], buckets: 32_768 },
    },
    numeric: { scaling: 'standard', columns: {}, quantiles: 1000, output: 'normal' },
    categorical: { minCount: 2, maxSize: 10_000 },
  });
  const text = 'preprocess.text={kind: wordpiece, fields: [title]}';
  expect(parseConfig(MINIMAL, { overrides: [text] }).preprocess.text).toMatchObject({
    ...{ kind: 'wordpiece', vocabularySize: 8192, minFrequency: 2, lowercase: true, specialTokens: true },
  });
});

test('a tabular encoder may read the changes of a text alone', () => {
  const overrides = ['data.columns.numeric=[]', 'model.tabular={}'];
  expect(problemOf(MINIMAL, overrides)).toContain('model.tabular: needs data.columns.numeric');
  const config = parseConfig(MINIMAL, { overrides: [...overrides, 'preprocess.text.changes=true'] });
  expect(config.preprocess.text?.changes).toBe(true);
});

test('--set replaces values of every YAML type and leaves the rest alone', () => {
  const config = parseConfig(MINIMAL, {
    overrides: ['train.batchSize=8', 'preprocess.text.charNgrams=null', 'description=a = b'],
  });
  expect(config.train.batchSize).toBe(8);
  expect(config.preprocess.text).toMatchObject({ charNgrams: null });
  expect(config.description).toBe('a = b');
});

test('an override into a list changes an item or appends one, and is refused elsewhere', () => {
  expect(applyOverrides({ a: [1, 2] }, ['a.0=7', 'a.2=3'])).toEqual({ a: [7, 2, 3] });
  for (const path of ['a.3=1', 'a.name=1', 'a.01=1', 'a.-1=1', 'a.length=0'])
    expect(() => applyOverrides({ a: [1, 2] }, [path])).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        message: expect.stringContaining('0 to 2') as string,
      }) as Error,
    );
});

test.each([
  ['train: *nope', '*nope'],
  ['train: &defaults { batchSize: 8 }', '&defaults'],
])('%s is refused, since a config reads whole', (line, name) => {
  expect(problemOf(`${MINIMAL}${line}`)).toContain(`uses '${name}'; anchors and aliases are not allowed`);
});

test('an override without = or through a scalar is a usage error', () => {
  expect(() => applyOverrides({}, ['train'])).toThrow(expect.objectContaining({ code: 'USAGE' }) as Error);
  expect(() => applyOverrides({ seed: 1 }, ['seed.x=2'])).toThrow("'seed' is not a section");
  expect(() => applyOverrides({}, ['__proto__.x=2'])).toThrow(
    expect.objectContaining({ code: 'USAGE' }) as Error,
  );
});

test('broken YAML and missing files are coded', () => {
  expect(problemOf('a: [1')).toContain('is not valid YAML');
  expect(() => loadConfig('/nonexistent/pipeline.yaml')).toThrow(
    expect.objectContaining({ code: 'CONFIG_NOT_FOUND', exitStatus: 2 }) as Error,
  );
});

test('data.root is relative to the file, --data-root to the working directory', () => {
  const dir = mkdtempSync(join(tmpdir(), 'assay-config-'));
  const path = join(dir, 'pipeline.yaml');
  writeFileSync(path, MINIMAL);
  expect(loadConfig(path).dataRoot).toBe(dir);
  expect(loadConfig(path, { dataRoot: '/elsewhere' }).dataRoot).toBe('/elsewhere');
  rmSync(dir, { recursive: true });
});

test('editDistance and nearest', () => {
  expect(editDistance('kitten', 'sitting')).toBe(3);
  expect(nearest('seeed', ['seed', 'train'])).toBe('seed');
  expect(nearest('xyz', ['seed', 'train'])).toBeUndefined();
});

const WORKSPACE = join(__dirname, '../../..');

test('the JSON Schema that is checked in is the one of the code', () => {
  const stored: unknown = JSON.parse(readFileSync(join(WORKSPACE, 'configs/pipeline.schema.json'), 'utf8'));
  expect(stored).toEqual(JSON.parse(JSON.stringify(pipelineJsonSchema())));
});

const configs = readdirSync(join(WORKSPACE, 'configs'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => join(WORKSPACE, 'configs', entry.name, 'pipeline.yaml'));

test.each(configs)('%s parses, has the name of its folder and a README', (path) => {
  const { config } = loadConfig(path);
  expect(config.name).toBe(dirname(path).split('/').at(-1));
  expect(existsSync(join(dirname(path), 'README.md'))).toBe(true);
});

test('a similarity of texts that hashes cannot find is refused before anything is read', () => {
  expect(problemOf(MINIMAL, ['data.duplicates.text.threshold=0.02'])).toMatch(
    /data\.duplicates\.text\.threshold.*0\.05/,
  );
  const { duplicates } = parseConfig(MINIMAL, { overrides: ['data.duplicates.text.threshold=0.05'] }).data;
  expect(duplicates.text?.threshold).toBe(0.05);
});
