import type * as core from '@assay/core';
import { createProgress } from '@assay/core';
import { TinyTask, tinyOptions } from './tiny-task.fixture.js';
import { train } from './train.js';

jest.mock('@assay/core', () => ({
  ...jest.requireActual<typeof core>('@assay/core'),
  createProgress: jest.fn(),
}));

const makeBar = () => ({ update: jest.fn(), finish: jest.fn(), [Symbol.dispose]: jest.fn() });

test('an error or Ctrl-C inside an epoch ends its bar, which would keep the process alive', async () => {
  const [onError, onInterrupt] = [makeBar(), makeBar()];
  jest.mocked(createProgress).mockReturnValueOnce(onError).mockReturnValueOnce(onInterrupt);
  const data = new TinyTask();
  data.weight = NaN;
  await expect(train({ ...tinyOptions(), data }).next()).rejects.toMatchObject({ code: 'NON_FINITE' });
  const signal = AbortSignal.abort();
  await expect(train({ ...tinyOptions(), signal }).next()).rejects.toMatchObject({ code: 'INTERRUPTED' });
  for (const bar of [onError, onInterrupt]) {
    expect(bar[Symbol.dispose]).toHaveBeenCalledTimes(1);
    expect(bar.finish).not.toHaveBeenCalled();
  }
});
