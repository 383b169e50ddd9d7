import { AssayError } from '@assay/core';
import { DATA_TYPE } from './data-types.js';
import { emitConstant, type SizeOf } from './emit-constant.js';
import type { TracedConstant } from './explain-constants.js';
import type { AttrMessage } from './graph-messages.js';
import type { GraphBuilder, OutputRef } from './graph-builder.js';
import { lowInputs } from './low-precision.js';
import type { MergedRecording } from './merge-recordings.js';
import { graphAttributes } from './op-attributes.js';
import type { RecordedOperation, ValueRef } from './recording.js';

const { bfloat16, float32, int32, uint8 } = DATA_TYPE;

export interface EmitOptions {
  program: MergedRecording;
  /** The values that are wanted; what they do not need is left out. */
  results: readonly ValueRef[];
  /** Node of a parameter or an input. */
  given: (name: string) => OutputRef;
  sizeOf: SizeOf;
  /** Prefix of the names of the nodes. */
  scope: string;
  /** Handle of a variable: rows are gathered from it, so that reading some never copies all. */
  handleOf?: (name: string) => OutputRef | undefined;
  /** uint8 node of an int32 input that is fed as bytes: a cast to float32 starts from there. */
  bytesOf?: (name: string) => OutputRef | undefined;
  /** Products in bfloat16, everything else in float32. */
  lowPrecision?: boolean;
  /** Lets XLA compile what it can. */
  xla?: boolean;
}

/**
 * Adds a traced program to a graph.
 *
 * @returns the nodes of the results, in order
 */
export function emitGraph(graph: GraphBuilder, options: EmitOptions): OutputRef[] {
  return new Emitter(graph, options).emit();
}

class Emitter {
  readonly #graph: GraphBuilder;
  readonly #options: EmitOptions;
  readonly #constants = new Map<number, OutputRef>();
  /** Constants that depend on the sizes, by content: shapes come up once per op that uses them. */
  readonly #sized = new Map<string, OutputRef>();
  readonly #nodes = new Map<number, OutputRef>();
  /** Operations whose node gives bfloat16. */
  readonly #low = new Set<number>();
  readonly #casts = new Map<string, OutputRef>();

  constructor(graph: GraphBuilder, options: EmitOptions) {
    this.#graph = graph;
    this.#options = options;
  }

  emit(): OutputRef[] {
    const { program, results } = this.#options;
    const live = liveOperations(program, results);
    program.operations.forEach((operation, i) => {
      if (live.has(i)) this.#nodes.set(i, this.#emitOperation(operation, i));
    });
    return results.map((ref) => this.#resolve(ref));
  }

  #emitOperation(operation: RecordedOperation, index: number): OutputRef {
    const special = this.#emitRows(operation) ?? this.#emitFromBytes(operation) ?? this.#skipCast(operation);
    if (special !== undefined) return special;
    const attributes = graphAttributes(operation);
    const low = this.#lowInputsOf(operation, attributes);
    if (low.length > 0) {
      attributes.T = { type: bfloat16 };
      this.#low.add(index);
    }
    const inputs = operation.inputs.map((ref, i) =>
      low.includes(i) ? this.#resolveLow(ref) : this.#resolve(ref),
    );
    const controls = operation.controls?.map((ref) => this.#resolve(ref));
    return this.#node(operation.op, inputs, attributes, controls);
  }

  #node(
    op: string,
    inputs: OutputRef[],
    attributes: Record<string, AttrMessage>,
    controls?: OutputRef[],
  ): OutputRef {
    const { scope, xla } = this.#options;
    const compiled: Record<string, AttrMessage> =
      xla === true ? { _XlaCompile: { b: true }, _XlaScope: { s: Buffer.from(scope) } } : {};
    return this.#graph.node(op, inputs, { ...attributes, ...compiled }, { name: `${scope}/${op}`, controls });
  }

  /** Rows of a variable, straight from it. */
  #emitRows({ op, inputs }: RecordedOperation): OutputRef | undefined {
    const [table, ids, axis] = inputs;
    if (op !== 'GatherV2' || table?.kind !== 'given' || ids === undefined) return undefined;
    const handle = this.#options.handleOf?.(table.name);
    if (handle === undefined || !this.#isZero(axis)) return undefined;
    const attributes = {
      dtype: { type: table.dtype },
      Tindices: { type: ids.dtype },
      batch_dims: { i: 0 },
      validate_indices: { b: true },
    };
    return this.#node('ResourceGather', [handle, this.#resolve(ids)], attributes);
  }

  #isZero(ref: ValueRef | undefined): boolean {
    if (ref?.kind !== 'constant') return false;
    const constant = this.#options.program.constants[ref.index];
    return constant?.kind === 'fixed' && constant.values.length === 1 && constant.values[0] === 0;
  }

  /** uint8 → float32 in one pass, where the recording has uint8 → int32 → float32. */
  #emitFromBytes({ op, inputs: [input], attributes }: RecordedOperation): OutputRef | undefined {
    if (op !== 'Cast' || input?.kind !== 'given' || input.dtype !== int32) return undefined;
    const bytes = this.#options.bytesOf?.(input.name);
    const target = attributes.find(({ name }) => name === 'DstT')?.value;
    return bytes === undefined || target !== float32 ? undefined : this.#graph.cast(bytes, uint8, float32);
  }

  /** tfjs casts even what has the type already. */
  #skipCast({ op, inputs: [input], attributes }: RecordedOperation): OutputRef | undefined {
    if (op !== 'Cast' || input === undefined) return undefined;
    const typeOf = (wanted: string): unknown => attributes.find(({ name }) => name === wanted)?.value;
    return typeOf('SrcT') === typeOf('DstT') ? this.#resolve(input) : undefined;
  }

  #lowInputsOf(
    { op, inputs, isExact }: RecordedOperation,
    { T }: Record<string, AttrMessage>,
  ): readonly number[] {
    if (this.#options.lowPrecision !== true || isExact === true || T?.type !== float32) return [];
    return lowInputs(op, (i) => {
      const ref = inputs[i];
      return ref?.kind === 'operation' && this.#low.has(ref.index);
    });
  }

  /** The value in the type of the recording. */
  #resolve(ref: ValueRef): OutputRef {
    if (ref.kind === 'given') return this.#options.given(ref.name);
    if (ref.kind === 'operation') {
      const output = this.#outputOf(ref.index, ref.output);
      return this.#low.has(ref.index) ? this.#cast(output, bfloat16, float32) : output;
    }
    const node = this.#constants.get(ref.index) ?? this.#emitConstant(ref.index);
    this.#constants.set(ref.index, node);
    return node;
  }

  /** The value in bfloat16. */
  #resolveLow(ref: ValueRef): OutputRef {
    if (ref.kind === 'operation' && this.#low.has(ref.index)) return this.#outputOf(ref.index, ref.output);
    return this.#cast(this.#resolve(ref), float32, bfloat16);
  }

  #outputOf(index: number, output: number): OutputRef {
    const node = this.#nodes.get(index);
    if (node === undefined)
      throw new AssayError('INTERNAL', `operation ${index} is used before it is emitted`);
    return output === 0 ? node : `${node}:${output}`;
  }

  #cast(input: OutputRef, from: number, to: number): OutputRef {
    const key = `${input}→${to}`;
    const cast = this.#casts.get(key) ?? this.#graph.cast(input, from, to);
    this.#casts.set(key, cast);
    return cast;
  }

  #emitConstant(index: number): OutputRef {
    const constant = this.#options.program.constants[index];
    if (constant === undefined) throw new AssayError('INTERNAL', `the trace has no constant ${index}`);
    if (constant.kind === 'fixed') return emitConstant(this.#graph, constant, this.#options.sizeOf);
    const key = keyOf(constant);
    const node = this.#sized.get(key) ?? emitConstant(this.#graph, constant, this.#options.sizeOf);
    this.#sized.set(key, node);
    return node;
  }
}

/** Equal for constants of equal values. JSON alone would take NaN for Infinity, and −0 for 0. */
const keyOf = (constant: TracedConstant): string =>
  JSON.stringify(constant, (_, value: unknown) =>
    typeof value === 'number' ? (Object.is(value, -0) ? '-0' : String(value)) : value,
  );

/** Indices of the operations that the results depend on. */
export function liveOperations(
  { operations }: MergedRecording,
  results: readonly ValueRef[],
): ReadonlySet<number> {
  const live = new Set<number>();
  const visit = (ref: ValueRef): void => {
    if (ref.kind === 'operation') live.add(ref.index);
  };
  results.forEach(visit);
  for (let i = operations.length - 1; i >= 0; i--) {
    if (!live.has(i)) continue;
    operations[i]?.inputs.forEach(visit);
    operations[i]?.controls?.forEach(visit);
  }
  return live;
}
