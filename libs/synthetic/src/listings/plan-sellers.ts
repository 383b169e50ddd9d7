import type { Random } from '@assay/core';
import { ITEMS, type Item } from '../vocabulary/items.js';
import { LANGUAGES, LANGUAGE_WEIGHTS, type Language } from '../vocabulary/languages.js';
import { POLICIES, type Policy } from './policies.js';

export interface Seller {
  id: string;
  /** Number of the supplier: a few shops have the same, and sell the same things with the same photos. */
  supplier: number;
  /** Share of the listings while the seller is active, up to a common factor. */
  weight: number;
  /** Active from and until, as fractions of the period. */
  from: number;
  until: number;
  /** Age of the account at `from`, in days. */
  initialAgeDays: number;
  language: Language;
  items: readonly Item[];
  shopHue: number;
  /** How much more often than others the seller breaks a policy. */
  risk: Readonly<Record<Policy, number>>;
}

/** Activity falls with the rank as rank^-0.8, so that a few sellers hold many listings. */
const TAIL_EXPONENT = 0.8;
const LISTINGS_PER_SELLER = 6;
const SELLERS_PER_SUPPLIER = 3;
const RISKY_SHARE = 0.15;
const RISKY_FACTOR = 4;
const USUAL_FACTOR = 0.47;

function planSeller(index: number, numSuppliers: number, random: Random): Seller {
  const from = random.uniform() * 1.15 - 0.2;
  const risk = Object.fromEntries(
    POLICIES.map((policy) => [policy, random.bernoulli(RISKY_SHARE) ? RISKY_FACTOR : USUAL_FACTOR]),
  ) as Record<Policy, number>; // one entry per policy
  return {
    id: `S${String(index + 1).padStart(5, '0')}`,
    supplier: index % numSuppliers, // a large shop shares it with small ones
    weight: (index + 1) ** -TAIL_EXPONENT,
    from,
    until: from + 0.08 + 0.5 * random.uniform() ** 2,
    initialAgeDays: random.integer(900),
    language: random.weighted(LANGUAGES, LANGUAGE_WEIGHTS),
    items: random.shuffle(ITEMS).slice(0, 2 + random.integer(4)),
    shopHue: random.integer(360),
    risk,
  };
}

/** Sellers enough for the rows, the most active first. */
export function planSellers(rows: number, random: Random): Seller[] {
  const count = Math.max(4, Math.ceil(rows / LISTINGS_PER_SELLER));
  const numSuppliers = Math.ceil(count / SELLERS_PER_SUPPLIER);
  return Array.from({ length: count }, (_, i) => planSeller(i, numSuppliers, random.fork(`seller/${i}`)));
}

const NUM_SLICES = 40;

interface ActiveSellers {
  sellers: readonly Seller[];
  cumulative: readonly number[];
  /** Mean risk of a listing in this slice of time, per policy. */
  meanRisk: Readonly<Record<Policy, number>>;
}

/** Who sells when. Risks are divided by their mean at that time, so that the prevalence does not hang on one big seller. */
export class SellerCalendar {
  readonly #slices: readonly ActiveSellers[];

  constructor(sellers: readonly Seller[]) {
    this.#slices = Array.from({ length: NUM_SLICES }, (_, i) => activeAt(sellers, (i + 0.5) / NUM_SLICES));
  }

  /** @param time fraction of the period in [0, 1) */
  pick(time: number, random: Random): { seller: Seller; risk: Record<Policy, number> } {
    const { sellers, cumulative, meanRisk } = this.#sliceOf(time);
    const target = random.uniform() * (cumulative.at(-1) ?? 0);
    let low = 0;
    let high = cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((cumulative[middle] ?? 0) > target) high = middle;
      else low = middle + 1;
    }
    const seller = sellers[low] ?? random.pick(sellers);
    const risk = POLICIES.map((policy) => [policy, seller.risk[policy] / meanRisk[policy]] as const);
    return { seller, risk: Object.fromEntries(risk) as Record<Policy, number> }; // one entry per policy
  }

  #sliceOf(time: number): ActiveSellers {
    const slice = this.#slices[Math.min(NUM_SLICES - 1, Math.floor(time * NUM_SLICES))];
    if (slice === undefined) throw new RangeError(`SellerCalendar: time must be in [0, 1), got ${time}`);
    return slice;
  }
}

function activeAt(all: readonly Seller[], time: number): ActiveSellers {
  const active = all.filter((seller) => seller.from <= time && time < seller.until);
  const sellers = active.length > 0 ? active : all;
  let total = 0;
  const cumulative = sellers.map((seller) => (total += seller.weight));
  const meanOf = (policy: Policy): number =>
    sellers.reduce((sum, seller) => sum + seller.weight * seller.risk[policy], 0) / total;
  const meanRisk = Object.fromEntries(POLICIES.map((policy) => [policy, meanOf(policy)]));
  return { sellers, cumulative, meanRisk: meanRisk as Record<Policy, number> }; // one entry per policy
}
