import { refuse } from './mlflow-error.js';

// On a field that it cannot parse the server stores a wrong value, drops the rest and answers 200: everything is checked here.
const KEY = /^[/\w.\- :]{1,250}$/;
const MAX_PARAM_LENGTH = 6000;
const MAX_TAG_LENGTH = 8000;

/** Checks the name of a metric, param or tag. */
export function checkKey(key: string): string {
  const climbs = key.split('/').some((part) => part === '' || part === '.' || part === '..');
  if (typeof key !== 'string' || !KEY.test(key) || climbs) {
    refuse(
      `'${key}' cannot be a key: 1 to 250 letters, digits, '_', '-', '.', ':', '/' or spaces, and no path that climbs.`,
    );
  }
  return key;
}

/** Checks the value of a param; longer ones would be cut silently. */
export function checkParam(key: string, value: string): string {
  if (typeof value !== 'string') refuse(`The param '${key}' is a ${typeof value}; write it as text.`);
  if (value.length > MAX_PARAM_LENGTH)
    refuse(`The param '${key}' has ${value.length} characters; MLflow keeps ${MAX_PARAM_LENGTH}.`);
  return value;
}

/** Checks the value of a run's tag; longer ones would be cut silently. */
export function checkTag(key: string, value: string): string {
  if (typeof value !== 'string') refuse(`The tag '${key}' is a ${typeof value}; write it as text.`);
  if (value.length > MAX_TAG_LENGTH)
    refuse(`The tag '${key}' has ${value.length} characters; MLflow keeps ${MAX_TAG_LENGTH}.`);
  return value;
}

/** One point of a metric's curve. */
export interface MetricPoint {
  key: string;
  /** NaN and infinities are allowed. */
  value: number;
  /** Milliseconds since 1970, ≥ 0. */
  timestamp: number;
  /** May be negative. */
  step: number;
}

/** A point as the API takes it: what JSON cannot hold is text. */
export function encodePoint({ key, value, timestamp, step }: MetricPoint): Record<string, unknown> {
  checkKey(key);
  if (typeof value !== 'number')
    refuse(`The metric '${key}' has the value ${String(value)}; it must be a number.`);
  if (!Number.isSafeInteger(step)) refuse(`The metric '${key}' has the step ${step}; it must be an integer.`);
  if (!Number.isSafeInteger(timestamp) || timestamp < 0)
    refuse(`The metric '${key}' has the timestamp ${timestamp}; it must be whole milliseconds since 1970.`);
  return { key, value: Number.isFinite(value) ? value : String(value), timestamp, step };
}

/** A version as the API takes it: text of digits; a JSON number is refused by the server. */
export function checkVersion(version: string): string {
  if (!/^\d+$/.test(version))
    refuse(`'${version}' is no version of a registered model; versions are whole numbers.`);
  return version;
}

/** Checks the segments of a path inside an artifact root, and encodes them. */
export function encodeArtifactPath(path: string): string {
  const segments = path.split('/');
  for (const segment of segments) {
    // The server decodes twice, so an encoded '..' would climb out of the run, and '%' is never safe.
    // eslint-disable-next-line no-control-regex -- control characters are what is refused
    if (segment === '' || segment === '.' || segment === '..' || /[#%\\\u0000-\u001f\u007f]/.test(segment)) {
      refuse(
        `'${path}' cannot be the path of an artifact: no empty part, no '.' or '..', no '#', '%', '\\' or control character.`,
      );
    }
  }
  return segments.map(encodeURIComponent).join('/');
}
