import { tf } from '@assay/tensorflow';
import { shapeAt, type AxisLength, type AxisSizes } from '../axes.js';
import { sizeOf } from '../data-types.js';

export type Kind = 'float' | 'positive' | 'mask' | 'zeros' | 'weight' | 'id' | 'class' | 'byte';

export interface CaseInput {
  kind: Kind;
  shape: readonly AxisLength[];
  /** Of ids and classes: the number of them. */
  limit?: number;
}

/** An op on inputs that are computed from formulas, here and in scripts/reference-ops.py. */
export interface OpCase {
  /** Name of the op in the script. */
  op: string;
  inputs: Record<string, CaseInput>;
  /** Keyword arguments of the op in the script. */
  options?: Record<string, unknown>;
  /** Inputs that get a gradient. */
  wrt: string[];
  compute: (at: InputOf) => tf.Tensor;
}

/** Gives an input by name, of the rank that the op takes. */
export type InputOf = <T extends tf.Tensor>(name: string) => T;

const WEIGHTS = [0.5, 1, 0, 2, 0.25];

/** The numbers of an input. @see make_input in scripts/reference-ops.py */
export function inputValues(
  { kind, shape, limit = 1 }: CaseInput,
  sizes: AxisSizes,
  position: number,
): number[] {
  const lengths = shapeAt(shape, sizes);
  const isHidden = (i: number): boolean => (lengths[0] ?? 0) > 1 && i < (lengths.at(-1) ?? 0);
  const formulas: Record<Kind, (i: number) => number> = {
    float: (i) => 1.2 * Math.sin(0.9 * i + 2.3 * position + 0.4),
    positive: (i) => 0.3 + Math.abs(Math.sin(1.7 * i + position)),
    mask: (i) => (isHidden(i) || (i * 5 + 2) % 3 === 0 ? 0 : 1),
    zeros: () => 0,
    weight: (i) => WEIGHTS[i % 5] ?? 0,
    id: (i) => (i * i + 2 * i + 1) % limit,
    class: (i) => (i % 4 === 1 ? -1 : (i * 3 + 1) % limit),
    byte: (i) => (i * 37) % 256,
  };
  return Array.from({ length: sizeOf(lengths) }, (_, i) => formulas[kind](i));
}

/** Whether the input is int32. */
export const isInteger = ({ kind }: CaseInput): boolean =>
  kind === 'id' || kind === 'class' || kind === 'byte';

/** Tensors of a case. Caller disposes. */
export function inputTensors({ inputs }: OpCase, sizes: AxisSizes): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, input], position) => [
      name,
      tf.tensor(
        inputValues(input, sizes, position),
        shapeAt(input.shape, sizes),
        isInteger(input) ? 'int32' : 'float32',
      ),
    ]),
  );
}

/** The value and the gradients of sum(sin(2 value)) by input. Caller disposes. */
export function valueAndGradients(
  { compute, wrt }: OpCase,
  inputs: Record<string, tf.Tensor>,
): Record<string, tf.Tensor> {
  const valueOf = (tensors: Record<string, tf.Tensor | undefined>): tf.Tensor =>
    compute(<T extends tf.Tensor>(name: string) => tensors[name] as T); // the shapes are those of the case
  const given = wrt.flatMap((name) => inputs[name] ?? []);
  return tf.tidy(() => {
    const loss = (...changed: tf.Tensor[]): tf.Tensor =>
      valueOf({ ...inputs, ...Object.fromEntries(wrt.map((name, i) => [name, changed[i]])) })
        .mul(2)
        .sin()
        .sum();
    const gradients = wrt.length === 0 ? [] : tf.grads(loss)(given);
    const named = gradients.map((gradient, i) => [`gradient of ${wrt[i]}`, gradient] as const);
    return { value: valueOf(inputs), ...Object.fromEntries(named) };
  });
}
