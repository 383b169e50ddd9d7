import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expectClose, withTempDir } from '@assay/testing';
import { loadSavedModel } from '../saved-model-runner.js';
import { compile } from './compile.js';
import { INPUTS, trained } from './exported-program.fixture.js';
import { PERCEPTRON, perceptronBatch, tableModel } from './small-models.fixture.js';

it('a frozen export gives the predictions, at another length too', async () => {
  await withTempDir(async (dir) => {
    using program = trained();
    await program.exportSavedModel(dir);
    using runner = loadSavedModel(dir);
    for (const length of [5, 3]) {
      const inputs = {
        ...INPUTS,
        token: { ...INPUTS.token, shape: [3, length], data: INPUTS.token.data.slice(0, 3 * length) },
      };
      expectClose(runner.run(inputs).score!.data, program.predict(inputs).score!.data);
    }
  });
});

it('an export of the moving average is that of the average', async () => {
  await withTempDir(async (root) => {
    using program = trained();
    await program.exportSavedModel(join(root, 'average'), 'frozen', { weights: 'average' });
    using runner = loadSavedModel(join(root, 'average'));
    const expected = program.predict(INPUTS, { weights: 'average' }).score!.data;
    expect(expected).not.toEqual(program.predict(INPUTS).score!.data);
    expectClose(runner.run(INPUTS).score!.data, expected);
  });
});

it('an export replaces an older one and leaves nothing beside it', async () => {
  await withTempDir(async (root) => {
    using program = trained();
    const dir = join(root, 'model');
    await program.exportSavedModel(dir, 'checkpoint');
    await program.exportSavedModel(dir, 'frozen');
    expect(await readdir(root)).toEqual(['model']);
    expect(await readdir(dir)).toEqual(['saved_model.pb']);
  });
});

it('a model without prediction has nothing to export', async () => {
  using program = compile(tableModel(true), { optimizer: { kind: 'sgd' } });
  await expect(program.exportSavedModel('nowhere')).rejects.toThrow(/has no prediction/);
  expect(() => program.predict({})).toThrow(/has no prediction/);
});

it('a prediction may leave out an input that only the loss takes', async () => {
  await withTempDir(async (dir) => {
    using program = compile(PERCEPTRON, { optimizer: { kind: 'sgd' } });
    await program.exportSavedModel(dir);
    using runner = loadSavedModel(dir);
    const { x } = perceptronBatch(2, 1);
    expect(runner.run({ x: x! }).y!.data).toEqual(program.predict({ x: x! }).y!.data);
  });
});

it('a kind of export that there is not is refused, and nothing is written', async () => {
  await withTempDir(async (root) => {
    using program = trained();
    const exporting = program.exportSavedModel(join(root, 'it'), 'savedmodel' as 'frozen');
    await expect(exporting).rejects.toThrow(
      /^There is no kind of export 'savedmodel'; there are 'frozen' .* and 'checkpoint'/,
    );
    expect(await readdir(root)).toEqual([]);
  });
});
