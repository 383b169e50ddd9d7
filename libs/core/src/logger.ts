import { pino, type Logger } from 'pino';
import { AssayError } from './assay-error.js';

export type { Logger };

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/**
 * A structured logger that writes JSON lines to stderr, so that stdout stays data.
 *
 * @param level `debug`, `info`, `warn`, `error` or `silent`; default from `ASSAY_LOG_LEVEL`, else `info`
 * @throws USAGE when there is no such level
 */
export function createLogger(name: string, level: string = process.env['ASSAY_LOG_LEVEL'] ?? 'info'): Logger {
  if (!LEVELS.includes(level))
    throw new AssayError('USAGE', `ASSAY_LOG_LEVEL is '${level}'. Expected one of ${LEVELS.join(', ')}.`);
  return pino({ name, level, base: { name } }, pino.destination({ fd: 2, sync: true }));
}
