import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { AssayError } from '@assay/core';
import { pipelineJsonSchema } from './json-schema.js';
import { loadConfig, parseConfig } from './load-config.js';
import { editDistance, nearest } from './nearest.js';
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
])('--set %s is refused with a reason', (override, reason) => {
  expect(problemOf(MINIMAL, [override])).toContain(reason);
});

test('--set replaces values of every YAML type and leaves the rest alone', () => {
  const config = parseConfig(MINIMAL, {
    overrides: ['train.batchSize=8', 'preprocess.text.charNgrams=null', 'description=a = b'],
  });
  expect(config.train.batchSize).toBe(8);
  expect(config.preprocess.text?.charNgrams).toBeNull();
  expect(config.description).toBe('a = b');
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
