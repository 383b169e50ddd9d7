import { EventEmitter } from 'node:events';
import { onInterrupt, throwIfInterrupted } from './interrupt.js';

test('the first signal aborts, the second ends the process with 130', () => {
  const exits: number[] = [];
  const target = Object.assign(new EventEmitter(), { exit: (status: number) => exits.push(status) });
  const { signal, dispose } = onInterrupt(target as unknown as NodeJS.Process);
  expect(() => throwIfInterrupted(signal)).not.toThrow();
  target.emit('SIGINT');
  expect(exits).toEqual([]);
  expect(() => throwIfInterrupted(signal)).toThrow(
    expect.objectContaining({ code: 'INTERRUPTED', exitStatus: 130 }) as Error,
  );
  target.emit('SIGINT');
  expect(exits).toEqual([130]);
  dispose();
  expect(target.listenerCount('SIGINT') + target.listenerCount('SIGTERM')).toBe(0);
});
