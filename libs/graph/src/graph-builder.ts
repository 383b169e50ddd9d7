import { DATA_TYPE, type TensorValues } from './data-types.js';
import { shapeMessage, type AttrMessage, type NodeMessage } from './graph-messages.js';

/** An output of a node: `node` is its first output, `node:1` its second. */
export type OutputRef = string;

/** Longest constant, in bytes, that is kept once when it is asked for twice. */
const MAX_SHARED_BYTES = 256;

const typeAttr = (type: number): AttrMessage => ({ type });

/** Collects the nodes of a graph and gives them unique names. */
export class GraphBuilder {
  readonly nodes: NodeMessage[] = [];
  readonly #names = new Set<string>();
  readonly #shared = new Map<string, OutputRef>();

  /**
   * Adds a node.
   *
   * @param name wanted name, the op by default; characters that TensorFlow forbids become `_`, a number is added when it is taken
   */
  node(
    op: string,
    inputs: readonly OutputRef[],
    attr: Record<string, AttrMessage> = {},
    name = op,
  ): OutputRef {
    const unique = this.#unique(name);
    this.nodes.push({ name: unique, op, input: [...inputs], attr });
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
        name,
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
      name,
    );
  }

  identity(input: OutputRef, dtype: number, name: string): OutputRef {
    return this.node('Identity', [input], { T: typeAttr(dtype) }, name);
  }

  /** An op whose inputs and output have one type. */
  binary(op: 'Mul' | 'AddV2' | 'RealDiv', a: OutputRef, b: OutputRef, dtype: number): OutputRef {
    return this.node(op, [a, b], { T: typeAttr(dtype) });
  }

  cast(input: OutputRef, from: number, to: number): OutputRef {
    return this.node('Cast', [input], { SrcT: typeAttr(from), DstT: typeAttr(to) });
  }

  /** Scalars side by side as a vector. */
  pack(scalars: readonly OutputRef[], dtype: number): OutputRef {
    return this.node('Pack', scalars, { N: { i: scalars.length }, T: typeAttr(dtype), axis: { i: 0 } });
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
