import { calibratedProbability } from '@assay/policy';
import { isPositive } from './metrics/positive.js';

/** The temperature lies in [e^-LOG_RANGE, e^LOG_RANGE]. */
const LOG_RANGE = 3;
const GOLDEN = (Math.sqrt(5) - 1) / 2;
const STEPS = 60;
const TINY = 1e-12;

export interface TemperatureInput {
  /** Row-major [N, K]. */
  logit_NK: Float32Array;
  label_NK: Float32Array;
  /** 1 counts, 0 is unknown. */
  known_NK: Float32Array;
  weight_N: Float32Array;
  numClasses: number;
  kind: 'multi-label' | 'multi-class';
}

/**
 * Temperatures that minimise the log loss on the validation split: one per policy, or one for all classes.
 * The loss has a single minimum in log T, found by golden-section search.
 *
 * @returns one temperature per class; 1 where the labels that are known and have a weight do not hold both a violation and
 *   none (multi-label), or are all of one class
 * @see Guo et al. 2017, "On calibration of modern neural networks"
 */
export function fitTemperatures(input: TemperatureInput): number[] {
  const classes = Array.from({ length: input.numClasses }, (_, k) => k);
  if (input.kind === 'multi-class') {
    const temperature = classes.some((k) => hasBothLabels(input, k))
      ? minimise((t) => loss(input, classes, t))
      : 1;
    return classes.map(() => temperature);
  }
  return classes.map((k) => (hasBothLabels(input, k) ? minimise((t) => loss(input, [k], t)) : 1));
}

/** Whether records that count are on both sides. */
function hasBothLabels({ label_NK, known_NK, weight_N, numClasses }: TemperatureInput, k: number): boolean {
  const labels = new Set<boolean>();
  for (const [n, weight] of weight_N.entries()) {
    const i = n * numClasses + k;
    if (weight * (known_NK[i] ?? 0) > 0) labels.add(isPositive(label_NK[i] ?? 0));
  }
  return labels.size === 2;
}

function loss(
  { logit_NK, label_NK, known_NK, weight_N, numClasses, kind }: TemperatureInput,
  classes: readonly number[],
  temperature: number,
): number {
  const temperatures = new Array<number>(numClasses).fill(temperature);
  let sum = 0;
  for (let n = 0; n < weight_N.length; n++) {
    const row = n * numClasses;
    const p = calibratedProbability(logit_NK.subarray(row, row + numClasses), kind, temperatures);
    for (const k of classes) {
      const y = label_NK[row + k] ?? 0;
      const no = kind === 'multi-label' ? (1 - y) * Math.log(Math.max(TINY, 1 - (p[k] ?? 0))) : 0;
      sum -= (weight_N[n] ?? 0) * (known_NK[row + k] ?? 0) * (y * Math.log(Math.max(TINY, p[k] ?? 0)) + no);
    }
  }
  return sum;
}

function minimise(lossAt: (temperature: number) => number): number {
  let [low, high] = [-LOG_RANGE, LOG_RANGE];
  const at = (x: number): number => lossAt(Math.exp(x));
  let left = high - GOLDEN * (high - low);
  let right = low + GOLDEN * (high - low);
  let [lossLeft, lossRight] = [at(left), at(right)];
  for (let step = 0; step < STEPS && high - low > 1e-7; step++) {
    if (lossLeft < lossRight) {
      [high, right, lossRight] = [right, left, lossLeft];
      left = high - GOLDEN * (high - low);
      lossLeft = at(left);
    } else {
      [low, left, lossLeft] = [left, right, lossRight];
      right = low + GOLDEN * (high - low);
      lossRight = at(right);
    }
  }
  return Math.exp((low + high) / 2);
}
