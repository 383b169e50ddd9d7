import { AssayError } from '@assay/core';
import { DATA_TYPE } from '../data-types.js';
import type { GraphBuilder, OutputRef } from '../graph-builder.js';
import { shapeMessage } from '../graph-messages.js';

const { float32, int32 } = DATA_TYPE;
const FLOAT = { type: float32 };

/** TensorFlow ends the process when it saves the first; the second is no key of an object. */
const UNUSABLE = ['', '__proto__'];

/** A float32 variable of a graph. */
export interface GraphVariable {
  name: string;
  shape: readonly number[];
  handle: OutputRef;
}

/** The variables of a graph by name, and the nodes that read and write them. */
export class GraphVariables {
  readonly #graph: GraphBuilder;
  readonly #variables = new Map<string, GraphVariable>();
  readonly #reads = new Map<string, OutputRef>();
  /** Nodes that give start values when the graph is loaded. */
  readonly initializers: OutputRef[] = [];

  constructor(graph: GraphBuilder) {
    this.#graph = graph;
  }

  all(): GraphVariable[] {
    return [...this.#variables.values()];
  }

  has(name: string): boolean {
    return this.#variables.has(name);
  }

  get(name: string): GraphVariable {
    const variable = this.#variables.get(name);
    if (variable === undefined) throw new AssayError('INTERNAL', `the graph has no variable '${name}'`);
    return variable;
  }

  /**
   * Adds a variable, which has no value until one is assigned.
   *
   * @throws USAGE when its name is empty or `__proto__`
   */
  add(name: string, shape: readonly number[]): GraphVariable {
    if (UNUSABLE.includes(name))
      throw new AssayError(
        'USAGE',
        `A parameter or state has the name '${name}', which checkpoints cannot hold. Fix: rename it.`,
      );
    const attributes = {
      dtype: FLOAT,
      shape: { shape: shapeMessage(shape) },
      shared_name: { s: Buffer.from(name) },
      container: { s: Buffer.from('') },
    };
    const variable = { name, shape, handle: this.#graph.node('VarHandleOp', [], attributes, { name }) };
    this.#variables.set(name, variable);
    return variable;
  }

  /** Adds a variable that is zero once the graph is loaded. */
  addZeros(name: string, shape: readonly number[]): GraphVariable {
    const variable = this.add(name, shape);
    this.initializers.push(this.assign(variable, this.zeros(shape)));
    return variable;
  }

  zeros(shape: readonly number[]): OutputRef {
    return this.#graph.fill(this.#graph.ints(shape), this.#graph.float(0), float32);
  }

  /** The value before any update of the same run; one node, however often it is asked for. */
  value(name: string): OutputRef {
    const read = this.#reads.get(name) ?? this.readAfter(this.get(name), []);
    this.#reads.set(name, read);
    return read;
  }

  /** The value once some nodes have run. */
  readAfter({ handle, name }: GraphVariable, controls: readonly OutputRef[]): OutputRef {
    return this.#graph.node('ReadVariableOp', [handle], { dtype: FLOAT }, { name: `${name}/read`, controls });
  }

  /** Rows by id, without reading the whole. */
  rows({ handle }: GraphVariable, ids: OutputRef, controls: readonly OutputRef[] = []): OutputRef {
    const attributes = {
      dtype: FLOAT,
      Tindices: { type: int32 },
      batch_dims: { i: 0 },
      validate_indices: { b: true },
    };
    return this.#graph.node('ResourceGather', [handle, ids], attributes, { controls });
  }

  assign({ handle }: GraphVariable, value: OutputRef, controls: readonly OutputRef[] = []): OutputRef {
    return this.#graph.node('AssignVariableOp', [handle, value], { dtype: FLOAT }, { controls });
  }

  /**
   * Assigns a copy. An op that only hands its input on may give the memory that a caller fed: a variable would change with
   * it, and free it on a thread of TensorFlow.
   */
  assignCopy(variable: GraphVariable, value: OutputRef, controls: readonly OutputRef[] = []): OutputRef {
    return this.assign(variable, this.#graph.node('DeepCopy', [value], { T: FLOAT }), controls);
  }

  assignAdd({ handle }: GraphVariable, value: OutputRef, controls: readonly OutputRef[] = []): OutputRef {
    return this.#graph.node('AssignAddVariableOp', [handle, value], { dtype: FLOAT }, { controls });
  }

  /** Changes some rows; ids must be distinct for `update`. */
  scatter(
    kind: 'Update' | 'Add' | 'Sub',
    { handle }: GraphVariable,
    ids: OutputRef,
    rows: OutputRef,
    controls: readonly OutputRef[],
  ): OutputRef {
    const attributes = { dtype: FLOAT, Tindices: { type: int32 } };
    return this.#graph.node(`ResourceScatter${kind}`, [handle, ids, rows], attributes, { controls });
  }
}
