import type { ModelInputs } from '@assay/preprocess';
import { BatchingQueue } from './batching-queue.js';
import { SumRunner } from './served-model.fixture.js';

const rowsOf = (...firstTokens: number[]): ModelInputs => ({
  token_BL: {
    dtype: 'int32',
    shape: [firstTokens.length, 3],
    data: Int32Array.from(firstTokens.flatMap((token) => [token, 0, 0])),
  },
  image_BIHWC: {
    dtype: 'uint8',
    shape: [firstTokens.length, 1, 2, 1, 3],
    data: new Uint8Array(firstTokens.length * 6),
  },
  numeric_BF: {
    dtype: 'float32',
    shape: [firstTokens.length, 2],
    data: new Float32Array(firstTokens.length * 2),
  },
});
const tokenSums = async (queue: BatchingQueue, inputs: ModelInputs): Promise<number[]> => {
  const { data, shape } = (await queue.infer(inputs))['logit_BK']!;
  return Array.from({ length: shape[0]! }, (_, row) => data[row * 2]!);
};

describe('BatchingQueue', () => {
  const limits = { maxBatch: 4, maxWaitingRows: 6 };

  it('joins requests of the same turn into one call and gives each its own rows', async () => {
    const runner = new SumRunner();
    const queue = new BatchingQueue(runner, limits);
    const answers = await Promise.all([
      tokenSums(queue, rowsOf(5)),
      tokenSums(queue, rowsOf(7, 9)),
      tokenSums(queue, rowsOf(11)),
    ]);
    expect(answers).toEqual([[5], [7, 9], [11]]);
    expect(runner.calls).toEqual([4]);
  });

  it('starts another batch when the next request does not fit', async () => {
    const runner = new SumRunner();
    const queue = new BatchingQueue(runner, limits);
    await Promise.all([queue.infer(rowsOf(1, 2, 3)), queue.infer(rowsOf(4, 5))]);
    expect(runner.calls).toEqual([3, 2]);
  });

  it('refuses records beyond the bound, and takes them again once there is room', async () => {
    const queue = new BatchingQueue(new SumRunner(), limits);
    const waiting = [queue.infer(rowsOf(1, 2, 3)), queue.infer(rowsOf(4, 5, 6))];
    await expect(queue.infer(rowsOf(7))).rejects.toMatchObject({ code: 'OVERLOADED', retryable: true });
    await Promise.all(waiting);
    await expect(tokenSums(queue, rowsOf(7))).resolves.toEqual([7]);
  });

  it('refuses a request larger than a batch', async () => {
    const queue = new BatchingQueue(new SumRunner(), limits);
    await expect(queue.infer(rowsOf(1, 2, 3, 4, 5))).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  });

  it('fails only the request that makes a joint batch fail', async () => {
    const runner = new SumRunner();
    const failing = {
      infer: (inputs: ModelInputs) =>
        inputs.token_BL!.data.includes(13) ? Promise.reject(new Error('bad row')) : runner.infer(inputs),
      dispose: () => Promise.resolve(),
    };
    const queue = new BatchingQueue(failing, limits);
    const [good, bad] = await Promise.allSettled([tokenSums(queue, rowsOf(2)), queue.infer(rowsOf(13))]);
    expect(good).toEqual({ status: 'fulfilled', value: [2] });
    expect(bad).toMatchObject({ status: 'rejected', reason: { message: 'bad row' } });
  });

  it('answers what waits when it is closed, and nothing after', async () => {
    const queue = new BatchingQueue(new SumRunner(), limits);
    const waiting = tokenSums(queue, rowsOf(3));
    await queue.close();
    await expect(waiting).resolves.toEqual([3]);
    await expect(queue.infer(rowsOf(1))).rejects.toMatchObject({ code: 'NOT_READY' });
  });
});
