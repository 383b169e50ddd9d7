import { MlflowError } from 'mlflow-client-ts';
import { talkingToMlflow } from './registry-errors.js';

const failing = (error: unknown): Promise<unknown> =>
  talkingToMlflow('pull models:/a@b', () => Promise.reject(error as Error)).catch(
    (thrown: unknown) => thrown,
  );

describe('talkingToMlflow', () => {
  it('does not blame the server for an argument that was never sent', async () => {
    const refused = new MlflowError("'x' is no model address", { kind: 'invalid-argument', attempts: 0 });
    expect(await failing(refused)).toMatchObject({
      code: 'USAGE',
      message: "Could not pull models:/a@b, and nothing was sent: 'x' is no model address",
    });
  });

  it('says whether the server refused or answered with something else', async () => {
    const message = async (kind: 'http' | 'invalid-response'): Promise<unknown> =>
      failing(new MlflowError('why', { kind, status: 403 }));
    expect(await message('http')).toMatchObject({
      code: 'MLFLOW_REJECTED',
      message: 'Could not pull models:/a@b: the server refused (why).',
    });
    expect(await message('invalid-response')).toMatchObject({
      code: 'MLFLOW_REJECTED',
      message: 'Could not pull models:/a@b: the server did not answer as MLflow does (why).',
    });
  });

  it('lets errors pass that are not of the server', async () => {
    for (const error of [new Error('other'), new MlflowError('disk', { kind: 'file' })])
      expect(await failing(error)).toBe(error);
  });
});
