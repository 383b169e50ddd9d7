import { AssayError } from '@assay/core';
import { axisName, staticShape, type AxisSizes } from '../axes.js';
import { checkFeeds, type Feed } from '../check-feeds.js';
import { DATA_TYPE } from '../data-types.js';
import type { GraphBuilder, OutputRef } from '../graph-builder.js';
import type { SessionFeed } from '../graph-session.js';
import type { InputSpec } from './model-definition.js';

const { float32, int32, uint8 } = DATA_TYPE;

/** Values of a batch by input. The arrays are read while the call lasts and never written. */
export type Batch = Readonly<Record<string, Feed>>;

/** Nodes of the inputs of a graph. */
export interface InputNodes {
  /** Where an input is fed. */
  feed: (name: string) => string;
  /** float32 or int32, in the shape of the spec. */
  value: (name: string) => OutputRef;
  /** uint8 of an input that is fed as bytes. */
  bytes: (name: string) => OutputRef | undefined;
}

/**
 * Adds placeholders. Every input is fed as int32 words and reinterpreted in the graph: the binding would copy every other
 * type to a GPU at once, and back to the host when the graph is run.
 *
 * @param sizeOfAxis int32 scalars
 */
export function addInputs(
  graph: GraphBuilder,
  specs: Readonly<Record<string, InputSpec>>,
  sizeOfAxis: (axis: string) => OutputRef,
): InputNodes {
  const feeds = new Map<string, OutputRef>();
  const nodes = new Map<string, OutputRef>();
  const bytes = new Map<string, OutputRef>();
  for (const [name, { dtype, shape }] of Object.entries(specs)) {
    const words = graph.placeholder(`feed/${name}`, int32, dtype === 'uint8' ? [null] : staticShape(shape));
    feeds.set(name, words);
    if (dtype === 'int32') nodes.set(name, words);
    else if (dtype === 'float32') nodes.set(name, graph.bitcast(words, int32, float32));
    else {
      const lengths = shape.map((length) => {
        const axis = axisName(length);
        return axis === undefined ? graph.int(Number(length)) : sizeOfAxis(axis);
      });
      bytes.set(name, bytesOf(graph, words, lengths));
    }
  }
  return {
    feed: (name) => `${feeds.get(name) ?? missing(name)}:0`,
    bytes: (name) => bytes.get(name),
    value: (name) => {
      const raw = bytes.get(name);
      const node = nodes.get(name) ?? (raw === undefined ? missing(name) : graph.cast(raw, uint8, int32));
      nodes.set(name, node);
      return node;
    },
  };
}

function missing(input: string): never {
  throw new AssayError('INTERNAL', `the graph has no input '${input}'`);
}

/** The bytes of some words in their shape; the last word may have bytes too many. */
function bytesOf(graph: GraphBuilder, words: OutputRef, lengths: readonly OutputRef[]): OutputRef {
  const all = graph.reshape(graph.bitcast(words, int32, uint8), uint8, graph.ints([-1]));
  const [first = graph.int(1), ...others] = lengths;
  const count = others.reduce((product, length) => graph.binary('Mul', product, length, int32), first);
  const exact = graph.node('Slice', [all, graph.ints([0]), graph.pack([count], int32)], {
    T: { type: uint8 },
    Index: { type: int32 },
  });
  return graph.reshape(exact, uint8, graph.pack(lengths, int32));
}

/**
 * Checks a batch against the specs.
 *
 * @returns sizes of the named axes
 * @throws USAGE, SHAPE_MISMATCH, DTYPE_MISMATCH as of `checkFeeds`
 * @throws VALUE_INVALID when an id is out of its range
 */
export function checkBatch(specs: Readonly<Record<string, InputSpec>>, batch: Batch): AxisSizes {
  const sizes = checkFeeds('program', specs, batch);
  for (const [name, spec] of Object.entries(specs)) checkRange(name, spec, batch[name] as Feed); // checked
  return sizes;
}

function checkRange(name: string, { below }: InputSpec, { data }: Feed): void {
  if (below === undefined) return;
  for (let i = 0; i < data.length; i++) {
    const id = data[i] ?? 0;
    if (id >= 0 && id < below) continue;
    throw new AssayError(
      'VALUE_INVALID',
      `Input '${name}' holds the id ${id} at position ${i}, expected 0 … ${below - 1}: its table, or the range that the model declares, has no more. Fix: encode the batch with the vocabulary that the model was made for.`,
      { details: { input: name, position: i, id, below } },
    );
  }
}

/** "input 'x' holds NaN at position 3": the first number of a checked batch that is not finite. */
export function describeNonFinite(batch: Batch): string | undefined {
  for (const [name, { dtype, data }] of Object.entries(batch)) {
    const position = dtype === 'float32' ? data.findIndex((value) => !Number.isFinite(value)) : -1;
    if (position >= 0) return `input '${name}' holds ${data[position] ?? NaN} at position ${position}`;
  }
  return undefined;
}

/** The words of TensorFlow's kernel for a class that the logits lack. */
const LABEL = /label value of (-?\d+) which is outside the valid range of \[0, (\d+)\)/;

/**
 * An error of a run, with the input and the position where the engine names a class only.
 *
 * @param classes names of the inputs that are taken as classes; of several that hold the class, none is blamed
 */
export function asBatchError(error: unknown, batch: Batch, classes: Iterable<string>): unknown {
  if (!(error instanceof AssayError) || error.code !== 'ENGINE_FAILED') return error;
  const [, label, limit] = LABEL.exec(error.message) ?? [];
  const [found, ...others] = [...classes].flatMap((input) => {
    const position = batch[input]?.data.indexOf(Number(label)) ?? -1;
    return position < 0 ? [] : [{ input, position }];
  });
  if (found === undefined || others.length > 0) return error;
  return new AssayError(
    error.code,
    `Input '${found.input}' holds the class ${label ?? ''} at position ${found.position}, expected 0 … ${Number(limit) - 1}. Fix: count classes from 0, or give the model as many logits as there are classes.`,
    { cause: error, details: found },
  );
}

/** Feeds of a checked batch. Words lie on the memory of the batch; only bytes that do not fill words are copied. */
export function feedsOf(
  specs: Readonly<Record<string, InputSpec>>,
  batch: Batch,
  { feed }: InputNodes,
): SessionFeed[] {
  return Object.entries(specs).map(([name, { dtype }]) => {
    const { shape, data } = batch[name] as Feed; // checked
    const words = wordsOf(data);
    return {
      node: feed(name),
      shape: dtype === 'uint8' ? [words.length] : shape,
      dtype: int32,
      data: words,
    };
  });
}

function wordsOf(data: Feed['data']): Int32Array {
  if (data.byteOffset % 4 === 0 && data.byteLength % 4 === 0)
    return new Int32Array(data.buffer, data.byteOffset, data.byteLength / 4);
  const padded = new Uint8Array(Math.ceil(data.byteLength / 4) * 4);
  padded.set(data);
  return new Int32Array(padded.buffer);
}
