import { tf } from '@assay/tensorflow';

interface TapeNode {
  inputs: Readonly<Record<string, tf.Tensor | null | undefined>>;
  outputs: readonly tf.Tensor[];
}

type GradientsOf = (gradient: tf.Tensor, saved: tf.Tensor[]) => Record<string, () => tf.Tensor>;

/** The part of tfjs's engine that notes what a gradient goes back through. */
interface TapingEngine {
  state: { activeTape: TapeNode[]; kernelDepth: number };
  addTapeNode: (
    kernelName: string,
    inputs: TapeNode['inputs'],
    outputs: tf.Tensor[],
    gradients: GradientsOf | null | undefined,
    saved: tf.Tensor[],
    attributes: unknown,
  ) => void;
  clone: (tensor: tf.Tensor) => tf.Tensor;
  keep: (tensor: tf.Tensor) => tf.Tensor;
  [LINKED]?: true;
}

const LINKED = Symbol.for('@assay/graph tape');

/** The scope in which `tf.logSigmoid` calls its op, and the name of that op's input. */
const LOG_SIGMOID = 'logSigmoid__op';
const INPUT = '0';

const logSigmoidGradient: GradientsOf = (gradient, saved) => {
  const [x] = saved as [tf.Tensor]; // saved below
  return { [INPUT]: () => gradient.mul(x.neg().sigmoid()) };
};

/**
 * Mends the tape of tfjs in two places; doing it twice changes nothing. What an op saves of its result for its gradient
 * stands before the op itself, as if it came from nowhere: a gradient of `exp`, `softmax` or another that is computed from
 * its result then has a gradient that is wrong or missing. And `tf.logSigmoid` does not save its input, which is gone when
 * the gradient is computed.
 */
export function linkTape(): void {
  const engine = tf.engine() as unknown as TapingEngine; // the members exist; tfjs declares some of them private
  if (engine[LINKED] === true) return;
  engine[LINKED] = true;
  const add = engine.addTapeNode.bind(engine);
  engine.addTapeNode = (kernelName, inputs, outputs, gradients, saved, attributes) => {
    const x = kernelName === LOG_SIGMOID ? inputs[INPUT] : undefined;
    if (x === undefined || x === null) add(kernelName, inputs, outputs, gradients, saved, attributes);
    else {
      saved.push(savedOf(engine, x));
      add(kernelName, inputs, outputs, logSigmoidGradient, saved, attributes);
    }
    putBeforeUses(engine.state.activeTape);
  };
}

/** A copy for a gradient, as ops of tfjs save theirs: the engine notes one that is made outside of an op twice. */
function savedOf(engine: TapingEngine, tensor: tf.Tensor): tf.Tensor {
  engine.state.kernelDepth++;
  try {
    return engine.keep(engine.clone(tensor));
  } finally {
    engine.state.kernelDepth--;
  }
}

/** Puts the latest node of a tape before those that take its outputs. */
function putBeforeUses(tape: TapeNode[]): void {
  const node = tape.at(-1);
  if (node === undefined) return;
  const made = new Set(node.outputs.map(({ id }) => id));
  const takes = ({ inputs }: TapeNode): boolean =>
    Object.values(inputs).some((input) => made.has(input?.id ?? -1));
  if (takes(node)) return; // it gives what it got
  const born = Math.min(...made);
  let first = tape.length - 1;
  // Ids grow: what was noted before the outputs were made cannot take them.
  for (let i = first - 1; i >= 0 && tape[i]?.outputs.some(({ id }) => id > born) === true; i--)
    if (takes(tape[i] ?? node)) first = i;
  if (first < tape.length - 1) tape.splice(first, 0, ...tape.splice(-1));
}
