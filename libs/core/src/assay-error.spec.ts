import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AssayError, systemCodeOf } from './assay-error.js';
import { ERROR_CODES } from './error-codes.js';

test('an error carries the exit status, HTTP status and retry flag of its code', () => {
  const cause = new Error('inner');
  const error = new AssayError('GATE_FAILED', 'no', { cause, details: { policy: 'weapons' } });
  expect([error.exitStatus, error.httpStatus, error.retryable]).toEqual([3, 409, false]);
  expect(error.cause).toBe(cause);
  expect(error.details).toEqual({ policy: 'weapons' });
  expect(new AssayError('MLFLOW_UNREACHABLE', 'down').retryable).toBe(true);
});

test('systemCodeOf reads the code of a system error and of nothing else', () => {
  expect(systemCodeOf(Object.assign(new Error('x'), { code: 'ENOSPC' }))).toBe('ENOSPC');
  expect(systemCodeOf(new Error('x'))).toBeUndefined();
  expect(systemCodeOf('ENOSPC')).toBeUndefined();
});

test('docs/ERRORS.md lists exactly the codes of the table, with their statuses and meanings', () => {
  const text = readFileSync(join(__dirname, '../../../docs/ERRORS.md'), 'utf8');
  const documented = [
    ...text.matchAll(/^\| `([A-Z_]+)` +\| (\d+) +\| (\d+) +\| (yes|no) +\| (.+?) +\|$/gm),
  ].map((row) => row.slice(1));
  const expected = Object.entries(ERROR_CODES).map(([code, { exit, http, retry, meaning }]) => [
    code,
    String(exit),
    String(http),
    retry ? 'yes' : 'no',
    meaning,
  ]);
  expect(documented).toEqual(expected);
});
