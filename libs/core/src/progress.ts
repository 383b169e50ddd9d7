import { SingleBar } from 'cli-progress';

export type ProgressMode = 'bar' | 'lines' | 'silent';

export interface ProgressOptions {
  /** What is being done, e.g. `decode images`. */
  label: string;
  /** Number of steps in all; undefined when nobody knows. */
  total?: number;
  /** Unit of a step, e.g. `rows`. */
  unit?: string;
  /** Default: `bar` on a terminal, `lines` elsewhere, `silent` with `ASSAY_QUIET=1`. */
  mode?: ProgressMode;
  stream?: NodeJS.WritableStream & { isTTY?: boolean };
  /** Clock in milliseconds. */
  now?: () => number;
  /** Seconds between two plain lines. */
  intervalSeconds?: number;
}

/** Progress of one piece of work. Hold it with `using`, so that an error ends the bar too. */
export interface Progress extends Disposable {
  /** Reports that `done` steps are finished, with an optional note such as the current loss. */
  update(done: number, note?: string): void;
  /** Ends with a last line that says how many steps in how long. */
  finish(note?: string): void;
}

/**
 * Progress of long work: a bar with rate and ETA on a terminal, one plain line every few seconds elsewhere.
 * It writes to stderr, so that stdout stays data.
 *
 * @example
 * using progress = createProgress({ label: 'read', unit: 'rows' });
 * progress.update(12);
 * progress.finish();
 */
export function createProgress(options: ProgressOptions): Progress {
  const {
    label,
    total,
    unit = 'steps',
    stream = process.stderr,
    now = Date.now,
    intervalSeconds = 5,
  } = options;
  const mode = options.mode ?? defaultMode(stream);
  if (mode === 'silent')
    return { update: () => undefined, finish: () => undefined, [Symbol.dispose]: () => undefined };
  const start = now();
  let last = start;
  let done = 0;
  const bar = mode === 'bar' && total !== undefined ? createBar(label, total, unit, stream) : undefined;
  const line = (note?: string): void => {
    const elapsedSeconds = (now() - start) / 1000;
    stream.write(
      `${describeProgress({ label, done, total, unit, elapsedSeconds })}${note === undefined ? '' : `, ${note}`}\n`,
    );
  };
  return {
    update(value, note) {
      done = value;
      bar?.update(value, { note: note ?? '' });
      if (bar === undefined && now() - last >= intervalSeconds * 1000) {
        last = now();
        line(note);
      }
    },
    finish(note) {
      bar?.stop();
      const seconds = (now() - start) / 1000;
      stream.write(
        `${label}: ${done} ${unit} in ${seconds.toFixed(1)} s${note === undefined ? '' : `, ${note}`}\n`,
      );
    },
    [Symbol.dispose]() {
      bar?.stop();
    },
  };
}

function defaultMode(stream: { isTTY?: boolean }): ProgressMode {
  if (process.env['ASSAY_QUIET'] === '1') return 'silent';
  return stream.isTTY === true ? 'bar' : 'lines';
}

interface ProgressFacts {
  label: string;
  done: number;
  total: number | undefined;
  unit: string;
  elapsedSeconds: number;
}

/** One line: `train: 40/200 steps (20 %), 8.0 steps/s, ETA 20 s`. */
export function describeProgress({ label, done, total, unit, elapsedSeconds }: ProgressFacts): string {
  const rate = elapsedSeconds > 0 ? done / elapsedSeconds : 0;
  const speed = `${rate >= 100 ? rate.toFixed(0) : rate.toFixed(1)} ${unit}/s`;
  if (total === undefined) return `${label}: ${done} ${unit}, ${speed}`;
  const percent = total === 0 ? 100 : Math.floor((100 * done) / total);
  const eta = rate > 0 ? `${Math.ceil((total - done) / rate)} s` : 'unknown';
  return `${label}: ${done}/${total} ${unit} (${percent} %), ${speed}, ETA ${eta}`;
}

/** A bar whose redraws do not keep the process alive. */
class Bar extends SingleBar {
  declare private timer: NodeJS.Timeout | null; // of SingleBar, whose types leave it out

  override render(): void {
    super.render();
    this.timer?.unref();
  }
}

function createBar(label: string, total: number, unit: string, stream: NodeJS.WritableStream): SingleBar {
  const format = `${label} {bar} {value}/{total} ${unit} | {rate} ${unit}/s | ETA {eta_formatted} {note}`;
  const startMs = Date.now();
  const bar = new Bar({
    format: (settings, params, payload: { note?: string }) => {
      const rate = params.value / Math.max(1e-3, (Date.now() - startMs) / 1000);
      const filled = Math.round((settings.barsize ?? 30) * params.progress);
      const drawn = '█'.repeat(filled) + '░'.repeat((settings.barsize ?? 30) - filled);
      const eta = rate > 0 ? `${Math.ceil((params.total - params.value) / rate)} s` : '?';
      return format
        .replace('{bar}', drawn)
        .replace('{value}', String(params.value))
        .replace('{total}', String(params.total))
        .replace('{rate}', rate.toFixed(1))
        .replace('{eta_formatted}', eta)
        .replace('{note}', payload.note ?? '');
    },
    stream,
    barsize: 30,
    clearOnComplete: true,
    // The cursor stays visible: a process that is killed could not show it again.
    hideCursor: false,
  });
  bar.start(total, 0, { note: '' });
  return bar;
}
