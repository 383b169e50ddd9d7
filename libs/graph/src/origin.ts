/** The stack at which an op was asked for; formatted only when a message needs it. */
export type Stack = Pick<Error, 'stack'>;

/** Deep enough to reach the caller through tidy, customGrad and the op wrappers of tfjs. */
const DEPTH = 60;

/** Frames that belong to tfjs, to the recorder between it and the engine, or to Node. */
const ENGINE =
  /node_modules[\\/]@tensorflow|tfjs-[a-z-]+[\\/]src|graph[\\/](src|dist)[\\/]recording\.|node:|<anonymous>\)?$/;

/** Frames of this package. */
const PACKAGE = /libs[\\/]graph[\\/](src|dist)[\\/](?!.*\.(spec|fixture)\.)/;

/** Runs `fn` so that errors in it have stacks that reach the user's code. */
export function withDeepStacks<R>(fn: () => R): R {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = DEPTH;
  try {
    return fn();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** Takes the present stack, which costs some microseconds. */
export function captureStack(): Stack {
  const holder: { stack?: string } = {};
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = DEPTH;
  Error.captureStackTrace(holder, captureStack);
  Error.stackTraceLimit = limit;
  return holder;
}

/** Where in the user's code a stack leads to, like " at model.ts:12:8 (encode)"; empty when it does not. */
export function originOf(stack: Stack | undefined): string {
  const frame = framesOf(stack).find((line) => !PACKAGE.test(line));
  const [, name, place] = /at (?:(.*) \()?(?:async )?(.*?:\d+:\d+)\)?$/.exec(frame?.trim() ?? '') ?? [];
  if (place === undefined) return '';
  const file = place.replace(/^.*[\\/](?=[^\\/]+$)/, '');
  return ` at ${file}${name === undefined || name === '<anonymous>' ? '' : ` (${name})`}`;
}

/** Whether tfjs was called by the user's code itself, not by an op of this package. */
export function isFromUser(stack: Stack | undefined): boolean {
  const [caller] = framesOf(stack);
  return caller !== undefined && !PACKAGE.test(caller);
}

/** Whether an error was thrown by tfjs or the binding. */
export function isFromEngine(error: Stack): boolean {
  const [first] = linesOf(error);
  return first !== undefined && ENGINE.test(first) && !first.includes('node:');
}

/** The op of tfjs that threw an error, like `tf.matMul`. */
export function opOf(error: Stack): string | undefined {
  const name = /^\s+at (?:\w+\.)?(\w+)__op /m.exec(error.stack ?? '')?.[1];
  return name === undefined ? undefined : `tf.${name}`;
}

/** Without the lines of the message. */
const linesOf = (stack: Stack | undefined): string[] =>
  stack?.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];

const framesOf = (stack: Stack | undefined): string[] =>
  linesOf(stack).filter((line) => line.includes(':') && !ENGINE.test(line));
