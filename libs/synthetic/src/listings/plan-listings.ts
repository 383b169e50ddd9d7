import { Random } from '@assay/core';
import {
  anyShape,
  ORDINARY_SETTINGS,
  planPhoto,
  recyclePhoto,
  type PhotoPlan,
} from '../photos/photo-plan.js';
import type { Item } from '../vocabulary/items.js';
import type { Language } from '../vocabulary/languages.js';
import { editListing, writeListing, type ListingText } from './listing-text.js';
import { planCues, type Cues } from './plan-cues.js';
import { planSellers, SellerCalendar, type Seller } from './plan-sellers.js';
import { POLICIES, PREVALENCE, type Policy } from './policies.js';
import { rate, type Rating } from './rater-votes.js';

/** Everything about one listing, before a photo is drawn. */
export interface ListingPlan {
  id: string;
  sellerId: string;
  createdAt: Date;
  language: Language;
  category: string;
  text: ListingText;
  price: number;
  quantity: number;
  shippingDays: number;
  sellerAgeDays: number;
  photos: PhotoPlan[];
  cues: Cues;
  ratings: Record<Policy, Rating>;
  /** The listing that this one nearly repeats. */
  duplicateOf: string | null;
}

const START = Date.UTC(2024, 0, 1);
const DAY_MS = 86_400_000;
const PERIOD_DAYS = 540;
const DUPLICATE_SHARE = 0.05;
const SAME_SELLER_SHARE = 0.6;
const NUM_PHOTOS = [0, 1, 2, 3, 4] as const;
const NUM_PHOTOS_WEIGHTS = [6, 30, 32, 20, 12] as const;
/** Highest probability that a risky seller breaks a policy in one listing. */
const MAX_PROBABILITY = 0.6;

/**
 * Plans listings without rendering a photo. A listing draws from its own stream; only near-duplicates look at earlier ones.
 *
 * @param rows number of listings, in order of time
 */
export function planListings(rows: number, seed: number): ListingPlan[] {
  const root = new Random(seed, 'synthetic/listings');
  const calendar = new SellerCalendar(planSellers(rows, root));
  const originals = new Originals();
  return Array.from({ length: rows }, (_, index) => {
    const random = root.fork(`listing/${index}`);
    const time = (index + random.uniform()) / rows;
    const { seller, risk } = calendar.pick(time, random);
    const slot = { id: `L${String(index + 1).padStart(6, '0')}`, seller, time, random };
    const original = random.bernoulli(DUPLICATE_SHARE) ? originals.pick(seller, random) : undefined;
    if (original !== undefined) return copyListing(original, slot);
    const listing = planListing(slot, risk);
    originals.add(seller, listing);
    return listing;
  });
}

/** Listings that may be copied: a seller's own, and those of the few shops that share its supplier. */
class Originals {
  readonly #ofSeller = new Map<string, ListingPlan[]>();
  readonly #ofSupplier = new Map<number, ListingPlan[]>();

  add({ id, supplier }: Seller, listing: ListingPlan): void {
    addTo(this.#ofSeller, id, listing);
    addTo(this.#ofSupplier, supplier, listing);
  }

  pick({ id, supplier }: Seller, random: Random): ListingPlan | undefined {
    const own = this.#ofSeller.get(id) ?? [];
    const others = (this.#ofSupplier.get(supplier) ?? []).filter((listing) => listing.sellerId !== id);
    const isOwn = random.bernoulli(SAME_SELLER_SHARE);
    const from = (isOwn && own.length > 0) || others.length === 0 ? own : others;
    return from.length === 0 ? undefined : random.pick(from);
  }
}

function addTo<Key>(lists: Map<Key, ListingPlan[]>, key: Key, listing: ListingPlan): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [listing]);
  else list.push(listing);
}

interface Slot {
  id: string;
  seller: Seller;
  /** Fraction of the period. */
  time: number;
  random: Random;
}

function planListing(slot: Slot, risk: Readonly<Record<Policy, number>>): ListingPlan {
  const { id, seller, time, random } = slot;
  const item = random.pick(seller.items);
  const violates = drawViolations(risk, random);
  const numPhotos = Math.max(photosNeeded(violates), random.weighted(NUM_PHOTOS, NUM_PHOTOS_WEIGHTS));
  const { language } = seller;
  const cues = planCues(violates, { random: random.fork('cues'), language, time, numPhotos });
  return {
    ...factsOf(slot),
    language,
    category: item.category,
    text: writeListing(item, language, cues.sentences, random.fork('text')),
    price: drawPrice(item, cues.lowPrice, random),
    quantity: 1 + Math.floor(8 * random.uniform() ** 3),
    shippingDays: 1 + random.integer(10),
    photos: planPhotos(
      id,
      { item, shopHue: seller.shopHue, numPhotos, props: cues.props },
      random.fork('photos'),
    ),
    cues,
    ratings: rateAll(cues, random.fork('raters')),
    duplicateOf: null,
  };
}

const factsOf = ({
  id,
  seller,
  time,
}: Slot): Pick<ListingPlan, 'id' | 'sellerId' | 'createdAt' | 'sellerAgeDays'> => ({
  id,
  sellerId: seller.id,
  createdAt: new Date(START + Math.floor((time * PERIOD_DAYS * DAY_MS) / 1000) * 1000),
  sellerAgeDays: seller.initialAgeDays + Math.max(0, Math.floor((time - seller.from) * PERIOD_DAYS)),
});

function drawViolations(risk: Readonly<Record<Policy, number>>, random: Random): Record<Policy, boolean> {
  const drawn = POLICIES.map(
    (policy) => [policy, random.bernoulli(Math.min(MAX_PROBABILITY, PREVALENCE * risk[policy]))] as const,
  );
  return Object.fromEntries(drawn) as Record<Policy, boolean>; // one entry per policy
}

/** A photo shows one prop, so a mark and a weapon need a photo each. */
function photosNeeded(violates: Readonly<Record<Policy, boolean>>): number {
  if (!violates.counterfeit) return 0;
  return violates.weapons ? 2 : 1;
}

function drawPrice(item: Item, lowPrice: boolean, random: Random): number {
  const price = lowPrice ? 1 + 3 * random.uniform() : item.price * Math.exp(0.35 * random.normal());
  return Math.round(price * 100) / 100;
}

interface PhotoNeeds {
  item: Item;
  shopHue: number;
  numPhotos: number;
  props: Cues['props'];
}

/** One prop a photo, in random order. */
function planPhotos(
  id: string,
  { item, shopHue, numPhotos, props }: PhotoNeeds,
  random: Random,
): PhotoPlan[] {
  const padded = [...props, ...Array.from({ length: numPhotos }, () => 'none' as const)].slice(0, numPhotos);
  return random.shuffle(padded).map((prop, i) => {
    const shape = i > 0 && random.bernoulli(0.15) ? anyShape(random) : item.shape;
    const path = `photos/${id}_${i + 1}.jpg`;
    return planPhoto({ path, shape, prop, settings: ORDINARY_SETTINGS, shopHue }, random.fork(String(i)));
  });
}

/** Hard negatives that mislead the raters of a policy. */
const MISLEADING: Readonly<Record<Policy, readonly string[]>> = {
  weapons: ['weapon words', 'long object'],
  counterfeit: ['licensed mark'],
  unsafe_claim: ['claim words', 'harmless obfuscation'],
};

function rateAll(cues: Cues, random: Random): Record<Policy, Rating> {
  const isHard = (policy: Policy): boolean =>
    cues.hardNegatives.some((name) => MISLEADING[policy].includes(name));
  const ratings = POLICIES.map(
    (policy) => [policy, rate(cues.violates[policy], isHard(policy), random.fork(policy))] as const,
  );
  return Object.fromEntries(ratings) as Record<Policy, Rating>; // one entry per policy
}

/** The same content once more: another listing, perhaps another seller, new raters. */
function copyListing(original: ListingPlan, slot: Slot): ListingPlan {
  const { id, random } = slot;
  return {
    ...original,
    ...factsOf(slot),
    text: editListing(original.text, original.language, random),
    price: Math.round(original.price * (0.95 + 0.1 * random.uniform()) * 100) / 100,
    photos: original.photos.map((photo, i) =>
      recyclePhoto(photo, `photos/${id}_${i + 1}.jpg`, random.fork(String(i))),
    ),
    ratings: rateAll(original.cues, random.fork('raters')),
    duplicateOf: original.id,
  };
}
