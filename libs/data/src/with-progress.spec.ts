import { withProgress } from './with-progress.js';

it('says what was done when it is done, and nothing of what failed', async () => {
  const lines: string[] = [];
  const stderr = jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    lines.push(String(text));
    return true;
  });
  try {
    expect(await withProgress({ label: 'count', total: 7, mode: 'lines' }, () => Promise.resolve(3))).toBe(3);
    await expect(
      withProgress({ label: 'fail', total: 7, mode: 'lines' }, () => Promise.reject(new Error('no'))),
    ).rejects.toThrow('no');
  } finally {
    stderr.mockRestore();
  }
  expect(lines).toEqual([expect.stringMatching(/^count: 7 rows in 0\.\d s\n$/)]);
});
