import { toCsv, toJsonLines } from '../csv.js';
import type { SyntheticOptions, SyntheticSummary } from '../synthetic-options.js';
import { describeDataset, writeDataset, type Dataset } from '../write-dataset.js';
import { planListings, type ListingPlan } from './plan-listings.js';
import { POLICIES } from './policies.js';
import { NUM_RATERS } from './rater-votes.js';

export const LISTING_COLUMNS = [
  'listing_id',
  'seller_id',
  'created_at',
  'title',
  'description',
  'tags',
  'category',
  'price',
  'currency',
  'quantity',
  'shipping_days',
  'seller_age_days',
  'language',
  'photos',
  ...POLICIES.flatMap((policy) => [`policy_${policy}`, `votes_${policy}`]),
];

/** The CSV row of a listing: what a moderation team would know. */
export function listingRow(plan: ListingPlan): Record<string, string | number> {
  const labels: Record<string, string | number> = {};
  for (const policy of POLICIES) {
    const { label, yes } = plan.ratings[policy];
    labels[`policy_${policy}`] = label ?? '';
    labels[`votes_${policy}`] = yes === null ? '' : `${yes}/${NUM_RATERS}`;
  }
  return {
    listing_id: plan.id,
    seller_id: plan.sellerId,
    created_at: plan.createdAt.toISOString(),
    title: plan.text.title,
    description: plan.text.description,
    tags: plan.text.tags.join('|'),
    category: plan.category,
    price: plan.price.toFixed(2),
    currency: 'EUR',
    quantity: plan.quantity,
    shipping_days: plan.shippingDays,
    seller_age_days: plan.sellerAgeDays,
    language: plan.language,
    photos: plan.photos.map((photo) => photo.path).join('|'),
    ...labels,
  };
}

/** What only the generator knows about a listing. */
export function listingTruth(plan: ListingPlan): Record<string, unknown> {
  const { violates, carrier, hardNegatives, obfuscation, lateStyle, lowPrice } = plan.cues;
  return {
    listing_id: plan.id,
    violates,
    carrier,
    duplicate_of: plan.duplicateOf,
    obfuscation,
    late_style: lateStyle,
    low_price: lowPrice,
    hard_negatives: hardNegatives,
    language: plan.language,
    photos: plan.photos.map(({ path, width, height, shape, prop, mirrored }) => ({
      path,
      width,
      height,
      shape,
      prop,
      mirrored,
    })),
  };
}

const BODY = `- \`listings.csv\`: one listing a row, in order of time. \`policy_*\` is the majority of three raters (1, 0, or empty when nobody rated it),
  \`votes_*\` how many said yes. \`tags\` and \`photos\` are separated by \`|\`.
- \`photos/\`: 0–4 JPEG files a listing, 96–160 px a side.
- \`truth.jsonl\`: what the generator put in: violations before rater noise, the modality that shows them, near-duplicates, obfuscation.
  Never train on it.

| policy | shows in | looks alike but is fine |
|---|---|---|
| weapons | a photo of a dagger or sabre (78 %), text (8 %), both (14 %) | feathers, spatulas, candlesticks; "sword lily" |
| counterfeit | a brand's mark in a photo **and** "my own design" in the text or a price far too low | the mark with "authorised reseller"; the phrase without the mark; other badges |
| unsafe_claim | text that promises a cure; 30 % in odd spellings | "does not cure", "cure the ham" |

Each policy is broken in about 14 % of listings; some sellers do so eight times as often as others. From 70 % of the period on, new phrases and new
shapes appear. 5 % of listings nearly repeat an earlier one. 8 % of labels are unknown. Raters err in 5 % of votes, in 12 % where a listing looks like a violation.`;

/** The data set of listings, all but the drawn photos. */
export function listingsDataset(options: SyntheticOptions): Dataset {
  const plans = planListings(options.rows, options.seed);
  const positives = POLICIES.map(
    (policy) => [policy, plans.filter((plan) => plan.ratings[policy].label === 1).length] as const,
  );
  return {
    files: {
      'listings.csv': toCsv(LISTING_COLUMNS, plans.map(listingRow)),
      'truth.jsonl': toJsonLines(plans.map(listingTruth)),
      'README.md': describeDataset('Synthetic listings', options, BODY),
    },
    photosOfRecord: plans.map((plan) => plan.photos),
    labelCounts: Object.fromEntries(positives),
  };
}

/**
 * Writes listings of an invented marketplace with three policies: one that photos show, one that text shows, one that only both show.
 *
 * @throws USAGE when rows or seed are not valid, or `outDir` holds anything but an earlier data set of the same kind
 * @throws DISK_FULL when the disk is full; nothing is left behind
 * @throws INTERRUPTED when the signal aborts
 */
export async function synthesizeListings(options: SyntheticOptions): Promise<SyntheticSummary> {
  return writeDataset(options, () => listingsDataset(options));
}
