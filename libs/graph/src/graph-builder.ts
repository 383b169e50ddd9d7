import { DATA_TYPE, type TensorValues } from './data-types.js';
import { shapeMessage, type AttrMessage, type NodeMessage } from './graph-messages.js';

/** An output of a node: `node` is its first output, `node:1` its second. */
export type OutputRef = string;

type BinaryOp = 'Mul' | 'AddV2' | 'Sub' | 'RealDiv' | 'Maximum';

/** Name of the node of an output. */
const nodeOf = (ref: OutputRef): string => ref.split(':')[0] ?? ref;

/** Longest constant, in bytes, that is kept once when it is asked for twice. */
const MAX_SHARED_BYTES = 256;

const typeAttr = (type: number): AttrMessage => ({ type });

interface NodeOptions {
  /** Wanted name, the op by default; characters that TensorFlow forbids become `_`, a number is added when it is taken. */
  name?: string;
  /** Nodes that must have run before this one may. */
  controls?: readonly OutputRef[];
}

/** Collects the nodes of a graph and gives them unique names. */
export class GraphBuilder {
  readonly nodes: NodeMessage[] = [];
  readonly #names = new Set<string>();
  readonly #shared = new Map<string, OutputRef>();
  readonly #device: string;

  /** @param device where all nodes lie, like `/GPU:1`; empty leaves it to TensorFlow */
  constructor(device = '') {
    this.#device = device;
  }

  /** Adds a node. */
  node(
    op: string,
    inputs: readonly OutputRef[],
    attr: Record<string, AttrMessage> = {},
    { name = op, controls = [] }: NodeOptions = {},
  ): OutputRef {
    const unique = this.#unique(name);
    const after = new Set(controls.map((ref) => `^${nodeOf(ref)}`));
    this.nodes.push({ name: unique, op, input: [...inputs, ...after], attr, device: this.#device });
    return unique;
  }

  /** A tensor that is part of the graph. Small equal ones are one node. */
  constant(dtype: number, shape: readonly number[], values: TensorValues, name = 'Const'): OutputRef {
    const content = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const add = (): OutputRef =>
      this.node(
        'Const',
        [],
        {
          dtype: typeAttr(dtype),
          value: { tensor: { dtype, tensor_shape: shapeMessage(shape), tensor_content: content } },
        },
        { name },
      );
    if (content.length > MAX_SHARED_BYTES) return add();
    const key = `${dtype}|${shape.join()}|${content.join()}`;
    const ref = this.#shared.get(key) ?? add();
    this.#shared.set(key, ref);
    return ref;
  }

  placeholder(name: string, dtype: number, shape: readonly (number | null)[]): OutputRef {
    return this.node(
      'Placeholder',
      [],
      { dtype: typeAttr(dtype), shape: { shape: shapeMessage(shape) } },
      { name },
    );
  }

  /** Strings as a vector. */
  strings(values: readonly string[]): OutputRef {
    const dtype = DATA_TYPE.string;
    const string_val = values.map((value) => Buffer.from(value));
    const tensor = { dtype, tensor_shape: shapeMessage([values.length]), string_val };
    return this.node('Const', [], { dtype: typeAttr(dtype), value: { tensor } });
  }

  identity(input: OutputRef, dtype: number, options: NodeOptions = {}): OutputRef {
    return this.node('Identity', [input], { T: typeAttr(dtype) }, options);
  }

  /** A node that does nothing but wait for others. */
  group(controls: readonly OutputRef[], name = 'group'): OutputRef {
    return this.node('NoOp', [], {}, { name, controls });
  }

  /** An int32 scalar. */
  int(value: number): OutputRef {
    return this.constant(DATA_TYPE.int32, [], Int32Array.of(value));
  }

  /** A float32 scalar. */
  float(value: number): OutputRef {
    return this.constant(DATA_TYPE.float32, [], Float32Array.of(value));
  }

  /** An op whose inputs and output have one type. */
  unary(op: 'Sqrt' | 'Square' | 'L2Loss', a: OutputRef, dtype: number = DATA_TYPE.float32): OutputRef {
    return this.node(op, [a], { T: typeAttr(dtype) });
  }

  /** An op whose inputs and output have one type. */
  binary(op: BinaryOp, a: OutputRef, b: OutputRef, dtype: number = DATA_TYPE.float32): OutputRef {
    return this.node(op, [a, b], { T: typeAttr(dtype) });
  }

  cast(input: OutputRef, from: number, to: number): OutputRef {
    return this.node('Cast', [input], { SrcT: typeAttr(from), DstT: typeAttr(to) });
  }

  /** Scalars side by side as a vector. */
  pack(scalars: readonly OutputRef[], dtype: number): OutputRef {
    return this.node('Pack', scalars, { N: { i: scalars.length }, T: typeAttr(dtype), axis: { i: 0 } });
  }

  compare(op: 'Greater', a: OutputRef, b: OutputRef, dtype: number = DATA_TYPE.float32): OutputRef {
    return this.node(op, [a, b], { T: typeAttr(dtype) });
  }

  /** Where the condition holds the first, else the second. */
  select(condition: OutputRef, a: OutputRef, b: OutputRef, dtype: number = DATA_TYPE.float32): OutputRef {
    return this.node('SelectV2', [condition, a, b], { T: typeAttr(dtype) });
  }

  /** Sum of some tensors of one shape. */
  addN(inputs: readonly OutputRef[], dtype: number = DATA_TYPE.float32): OutputRef {
    return this.node('AddN', inputs, { N: { i: inputs.length }, T: typeAttr(dtype) });
  }

  /** @param shape int32 vector */
  reshape(input: OutputRef, dtype: number, shape: OutputRef): OutputRef {
    return this.node('Reshape', [input, shape], { T: typeAttr(dtype), Tshape: typeAttr(DATA_TYPE.int32) });
  }

  /** The same bits as another type; a narrower one adds an axis, a wider one takes the last. */
  bitcast(input: OutputRef, from: number, to: number): OutputRef {
    return this.node('Bitcast', [input], { T: typeAttr(from), type: typeAttr(to) });
  }

  /** Elements of a vector of known length as scalars. */
  unpack(input: OutputRef, length: number, dtype: number): OutputRef[] {
    const node = this.node('Unpack', [input], { num: { i: length }, T: typeAttr(dtype), axis: { i: 0 } });
    return Array.from({ length }, (_, i) => (i === 0 ? node : `${node}:${i}`));
  }

  /** @param shape int32 vector */
  fill(shape: OutputRef, value: OutputRef, dtype: number): OutputRef {
    return this.node('Fill', [shape, value], { T: typeAttr(dtype), index_type: typeAttr(DATA_TYPE.int32) });
  }

  ints(values: readonly number[]): OutputRef {
    return this.constant(DATA_TYPE.int32, [values.length], Int32Array.from(values));
  }

  /** Length of one axis as an int32 scalar. */
  axisLength(input: OutputRef, dtype: number, axis: number): OutputRef {
    const int32 = typeAttr(DATA_TYPE.int32);
    const shape = this.node('Shape', [input], { T: typeAttr(dtype), out_type: int32 });
    const masks = Object.fromEntries(
      ['begin_mask', 'end_mask', 'ellipsis_mask', 'new_axis_mask'].map((mask) => [mask, { i: 0 }]),
    );
    const attr = { T: int32, Index: int32, ...masks, shrink_axis_mask: { i: 1 } };
    return this.node('StridedSlice', [shape, this.ints([axis]), this.ints([axis + 1]), this.ints([1])], attr);
  }

  #unique(wanted: string): string {
    const base = wanted.replace(/[^A-Za-z0-9_./\\>-]/g, '_').replace(/^(?![A-Za-z0-9.])/, '.');
    let name = base;
    for (let i = 1; this.#names.has(name.toLowerCase()); i++) name = `${base}_${i}`;
    this.#names.add(name.toLowerCase()); // TensorFlow's importer also keeps names apart that differ in case only
    return name;
  }
}
