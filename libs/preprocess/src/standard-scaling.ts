/** What the training split says about a column that is standardised, after the logarithm where there is one. */
export interface StandardColumn {
  name: string;
  scaling: 'standard' | 'log-standard';
  mean: number;
  /** Standard deviation (of the population); 1 for a constant column. */
  std: number;
  min: number;
  max: number;
}

/** `log-standard`: sign(x)·log(1 + |x|), which is defined for every number. */
const transformed = (value: number, scaling: StandardColumn['scaling']): number =>
  scaling === 'log-standard' ? Math.sign(value) * Math.log1p(Math.abs(value)) : value;

/** The number that `transformed` makes of it; the other way round. */
export const untransformed = (value: number, scaling: StandardColumn['scaling']): number =>
  scaling === 'log-standard' ? Math.sign(value) * Math.expm1(Math.abs(value)) : value;

/** Collects mean, standard deviation and range of one column, in one pass (Welford). */
export class StandardFit {
  #count = 0;
  #mean = 0;
  #squares = 0;
  #min = Infinity;
  #max = -Infinity;

  constructor(
    readonly name: string,
    private readonly scaling: StandardColumn['scaling'],
  ) {}

  add(value: number): void {
    const x = transformed(value, this.scaling);
    this.#count++;
    const before = x - this.#mean;
    this.#mean += before / this.#count;
    this.#squares += before * (x - this.#mean);
    this.#min = Math.min(this.#min, x);
    this.#max = Math.max(this.#max, x);
  }

  /** A column without any value gives 0 for every value, because it is clipped to [0, 0]. */
  finish(): StandardColumn {
    const { name, scaling } = this;
    if (this.#count === 0) return { name, scaling, mean: 0, std: 1, min: 0, max: 0 };
    const std = Math.sqrt(this.#squares / this.#count);
    return { name, scaling, mean: this.#mean, std: std > 0 ? std : 1, min: this.#min, max: this.#max };
  }
}

/** The standardised value, clipped to the training range. */
export const standardised = (value: number, { scaling, mean, std, min, max }: StandardColumn): number =>
  (Math.min(max, Math.max(min, transformed(value, scaling))) - mean) / std;
