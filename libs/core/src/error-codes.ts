/** Exit statuses of the `assay` command. */
export const EXIT = { ok: 0, failure: 1, usage: 2, gate: 3, interrupted: 130 } as const;

interface ErrorCode {
  /** Exit status of the command that ends with it. */
  exit: number;
  /** HTTP status of a request that ends with it. */
  http: number;
  /** Whether the same call may succeed later without a change by the caller. */
  retry: boolean;
  /** What it means, in one sentence. */
  meaning: string;
}

const usage = (meaning: string, http = 400): ErrorCode => ({ exit: EXIT.usage, http, retry: false, meaning });
const failure = (meaning: string, http = 500): ErrorCode => ({
  exit: EXIT.failure,
  http,
  retry: false,
  meaning,
});
const transient = (meaning: string, http = 503): ErrorCode => ({
  exit: EXIT.failure,
  http,
  retry: true,
  meaning,
});
const gate = (meaning: string): ErrorCode => ({ exit: EXIT.gate, http: 409, retry: false, meaning });

/** Every error that assay raises. `docs/ERRORS.md` is the same table for people; a test keeps both equal. */
export const ERROR_CODES = {
  // Configuration and command line
  CONFIG_INVALID: usage('The pipeline file does not follow its schema.'),
  CONFIG_NOT_FOUND: usage('The pipeline file does not exist.'),
  USAGE: usage('The command was called with wrong arguments.'),
  DATA_ROOT_MISSING: usage('The folder that holds the source files does not exist.'),

  // Files
  FILE_NOT_FOUND: failure('A file that the operation needs does not exist.'),
  FILE_CORRUPT: failure('A file does not have the content that its format or manifest promises.'),
  DISK_FULL: failure('The disk is full; nothing was half written.'),
  LOCKED: transient('Another process holds the lock of this directory.'),
  STAGE_INPUT_MISSING: failure('A stage was started before the stage whose output it reads.'),
  STAGE_STALE: failure('A finished stage was made from other inputs or settings than the present ones.'),

  // Data
  COLUMN_MISSING: failure('A source lacks a column that the config names.'),
  DATA_EMPTY: failure('A source or a split holds no records.'),
  LABELS_DEGENERATE: failure('All labels of a class are equal, so there is nothing to learn or to measure.'),
  LABEL_UNKNOWN: failure('A label has a value that the config does not list.'),
  RECORD_INVALID: failure('A record does not follow the schema.', 422),
  REJECTED_TOO_MANY: failure('More records were rejected than the config allows.'),
  IMAGE_INVALID: failure('An image cannot be decoded.', 422),
  IMAGE_TOO_LARGE: failure('An image has more pixels or bytes than allowed.', 413),
  LEAK: failure('Records of one group lie in more than one split.'),

  // Engine and graph
  ENGINE_MISSING: failure('The TensorFlow addon is not installed.'),
  ENGINE_MISMATCH: failure('The TensorFlow addon was built for another engine.'),
  SHAPE_MISMATCH: failure('Tensors have shapes that do not fit each other.', 400),
  DTYPE_MISMATCH: failure('A tensor has another dtype than expected.', 400),
  VALUE_INVALID: failure('A value of a batch is outside of the range that the model was made for.', 400),
  TRACE_UNSUPPORTED: failure('A function cannot be traced into a graph.'),
  ENGINE_FAILED: failure('The engine could not compute an operation of a graph.'),
  NON_FINITE: failure('A loss, gradient or score is not a finite number.', 422),

  // Registry
  MLFLOW_UNREACHABLE: transient('The MLflow server does not answer.'),
  MLFLOW_REJECTED: failure('The MLflow server refused a request.', 502),
  MLFLOW_START_FAILED: failure('The local MLflow server did not start.'),
  MODEL_NOT_FOUND: failure('The registry has no such model, version or alias.', 404),
  BUNDLE_CORRUPT: failure('A bundle lacks a file, or a file has another hash than its manifest says.'),
  GOLDEN_MISMATCH: failure('A loaded model does not reproduce its golden outputs.'),
  GATE_FAILED: gate('A gate said no: the model may not be promoted.'),
  PROMOTION_CONFLICT: failure('Another promotion of the same model won.', 409),

  // Serving
  PORT_IN_USE: failure('The port is taken by another process.'),
  REQUEST_INVALID: usage('The request does not follow its schema.'),
  REQUEST_TOO_LARGE: usage('The request body is larger than allowed.', 413),
  ROUTE_NOT_FOUND: usage('The service has no such route.', 404),
  NOT_READY: transient('The service has no model loaded yet.'),
  OVERLOADED: transient('The queue is full.', 429),

  // Process
  INTERRUPTED: { exit: EXIT.interrupted, http: 503, retry: true, meaning: 'The operation was interrupted.' },
  INTERNAL: failure('A defect of assay; please report it.'),
} as const satisfies Record<string, ErrorCode>;

export type AssayErrorCode = keyof typeof ERROR_CODES;
