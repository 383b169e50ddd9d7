import { pino, type Logger } from 'pino';

export type { Logger };

/**
 * A structured logger that writes JSON lines to stderr, so that stdout stays data.
 *
 * @param level `debug`, `info`, `warn`, `error` or `silent`; default from `ASSAY_LOG_LEVEL`, else `info`
 */
export function createLogger(name: string, level: string = process.env['ASSAY_LOG_LEVEL'] ?? 'info'): Logger {
  return pino({ name, level, base: { name } }, pino.destination({ fd: 2, sync: true }));
}
