import { Slots } from './slots.js';

const turn = (): Promise<void> => new Promise(setImmediate);

describe('Slots', () => {
  it('runs so many tasks at once, whoever brings them, and gives results in order', async () => {
    const slots = new Slots(2);
    let running = 0;
    let most = 0;
    const task = async (value: number): Promise<number> => {
      most = Math.max(most, ++running);
      await turn();
      running -= 1;
      return value * 10;
    };
    const [first, second] = await Promise.all([slots.map([1, 2, 3, 4, 5], task), slots.map([6, 7, 8], task)]);
    expect(first).toEqual([10, 20, 30, 40, 50]);
    expect(second).toEqual([60, 70, 80]);
    expect(most).toBe(2);
  });

  it('is free again after a failure, and begins nothing after it', async () => {
    const slots = new Slots(1);
    const begun: number[] = [];
    const task = (value: number): Promise<void> => {
      begun.push(value);
      return value === 2 ? Promise.reject(new Error('two')) : Promise.resolve();
    };
    await expect(slots.map([1, 2, 3], task)).rejects.toThrow('two');
    expect(begun).toEqual([1, 2]);
    await expect(slots.map([4], task)).resolves.toEqual([undefined]);
  });

  it('does not begin what stood in line when the failure came', async () => {
    const slots = new Slots(2);
    const other = slots.run(() => new Promise((resolve) => setTimeout(resolve, 30)));
    const begun: number[] = [];
    const failing = slots.map([1, 2], async (value) => {
      begun.push(value);
      await turn();
      throw new Error('broken');
    });
    await expect(failing).rejects.toThrow('broken');
    await other;
    expect(begun).toEqual([1]);
  });

  it('waits for nothing when there is nothing to do', async () => {
    await expect(new Slots(1).map([], () => Promise.reject(new Error('never')))).resolves.toEqual([]);
  });
});
