import { planListings, type ListingPlan } from './plan-listings.js';
import { DRIFT_START, POLICIES } from './policies.js';

const plans = planListings(2000, 7);
const otherPlans = planListings(2000, 8);
const share = (of: readonly ListingPlan[], is: (plan: ListingPlan) => boolean): number =>
  of.filter(is).length / of.length;
const shows = (plan: ListingPlan, ...props: string[]): boolean =>
  plan.photos.some((photo) => props.includes(photo.prop));

test.each(POLICIES)('%s is broken in 12–16 % of listings, and labelled so within noise', (policy) => {
  for (const seeded of [plans, otherPlans]) {
    const truth = share(seeded, (plan) => plan.cues.violates[policy]);
    expect(truth).toBeGreaterThan(0.115);
    expect(truth).toBeLessThan(0.165);
    const rated = seeded.filter((plan) => plan.ratings[policy].label !== null);
    expect(
      share(rated, (plan) => (plan.ratings[policy].label === 1) !== plan.cues.violates[policy]),
    ).toBeLessThan(0.025);
  }
});

test('a weapon is in a photo, in the text, or in both, as its carrier says', () => {
  const weapons = plans.filter((plan) => plan.cues.violates.weapons);
  for (const plan of weapons)
    expect(shows(plan, 'dagger', 'sabre')).toBe(plan.cues.carrier.weapons !== 'text');
  expect(share(weapons, (plan) => plan.cues.carrier.weapons === 'image')).toBeGreaterThan(0.6);
  expect(plans.some((plan) => !plan.cues.violates.weapons && shows(plan, 'dagger', 'sabre'))).toBe(false);
});

test('every counterfeit shows the mark, and half of the shown marks are licensed', () => {
  for (const plan of plans)
    if (plan.cues.violates.counterfeit) expect(shows(plan, 'brand', 'brand-outline')).toBe(true);
  const marked = plans.filter((plan) => shows(plan, 'brand', 'brand-outline'));
  const counterfeit = share(marked, (plan) => plan.cues.violates.counterfeit);
  expect(counterfeit).toBeGreaterThan(0.4);
  expect(counterfeit).toBeLessThan(0.7);
});

test('own work is claimed more often without the mark than with it', () => {
  const claimed = plans.filter(
    (plan) =>
      plan.cues.hardNegatives.includes('own work') || (plan.cues.violates.counterfeit && !plan.cues.lowPrice),
  );
  expect(share(claimed, (plan) => plan.cues.violates.counterfeit)).toBeLessThan(0.5);
});

test('photos tell nothing about unsafe claims', () => {
  const claims = plans.filter((plan) => plan.cues.violates.unsafe_claim);
  const others = plans.filter((plan) => !plan.cues.violates.unsafe_claim);
  for (const props of [
    ['dagger', 'sabre'],
    ['brand', 'brand-outline'],
    ['feather', 'spatula', 'candlestick'],
  ]) {
    const difference =
      share(claims, (plan) => shows(plan, ...props)) - share(others, (plan) => shows(plan, ...props));
    expect(Math.abs(difference)).toBeLessThan(0.08);
  }
  expect(claims.every((plan) => plan.cues.carrier.unsafe_claim === 'text')).toBe(true);
});

test('3 of 10 claims are obfuscated', () => {
  const claims = plans.filter(
    (plan) => plan.cues.violates.unsafe_claim && !plan.cues.hardNegatives.includes('harmless obfuscation'),
  );
  expect(Math.abs(share(claims, (plan) => plan.cues.obfuscation !== null) - 0.3)).toBeLessThan(0.08);
});

test('new styles appear in the last 30 % only', () => {
  const late = (plan: ListingPlan): boolean => plan.cues.lateStyle.length > 0 && plan.duplicateOf === null;
  expect(plans.slice(0, 2000 * DRIFT_START).some(late)).toBe(false);
  expect(plans.slice(2000 * DRIFT_START).filter(late).length).toBeGreaterThan(20);
});

test('5 % of listings nearly repeat an earlier one and carry its truth', () => {
  const byId = new Map(plans.map((plan) => [plan.id, plan]));
  const copies = plans.filter((plan) => plan.duplicateOf !== null);
  expect(Math.abs(copies.length / 2000 - 0.05)).toBeLessThan(0.015);
  for (const copy of copies) {
    const original = byId.get(copy.duplicateOf!)!;
    expect(original.createdAt.getTime()).toBeLessThan(copy.createdAt.getTime());
    expect(copy.cues.violates).toEqual(original.cues.violates);
    expect(copy.text.description.startsWith(original.text.description)).toBe(true);
  }
  const isOwn = (copy: ListingPlan): boolean => byId.get(copy.duplicateOf!)!.sellerId === copy.sellerId;
  expect(share(copies, isOwn)).toBeGreaterThan(0.3);
  expect(share(copies, isOwn)).toBeLessThan(0.8);
});

test('a tenth of the sellers holds more than a third of the listings', () => {
  const counts = new Map<string, number>();
  for (const { sellerId } of plans) counts.set(sellerId, (counts.get(sellerId) ?? 0) + 1);
  const sorted = [...counts.values()].sort((a, b) => b - a);
  const top = sorted.slice(0, Math.ceil(sorted.length / 10)).reduce((sum, count) => sum + count, 0);
  expect(top / 2000).toBeGreaterThan(1 / 3);
});

test('some sellers break a policy far more often than others', () => {
  const sellers = [...new Set(plans.map((plan) => plan.sellerId))];
  const bySeller = sellers.map((id) => plans.filter((plan) => plan.sellerId === id));
  const large = bySeller.filter((own) => own.length >= 15);
  const p = share(large.flat(), (plan) => plan.cues.violates.weapons);
  // Variance between sellers against that of equal sellers, which is 1.
  const dispersions = large.map((own) => {
    const violations = own.filter((plan) => plan.cues.violates.weapons).length;
    return (violations - own.length * p) ** 2 / (own.length * p * (1 - p));
  });
  expect(dispersions.reduce((sum, value) => sum + value, 0) / large.length).toBeGreaterThan(2);
});

test('listings lie in order of time, have 0 to 4 photos and a photo path of their own', () => {
  const times = plans.map((plan) => plan.createdAt.getTime());
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect([...new Set(plans.map((plan) => plan.photos.length))].sort()).toEqual([0, 1, 2, 3, 4]);
  const paths = plans.flatMap((plan) => plan.photos.map((photo) => photo.path));
  expect(new Set(paths).size).toBe(paths.length);
});

test('the same seed plans the same listings, another seed does not', () => {
  expect(planListings(50, 3)).toEqual(planListings(50, 3));
  expect(planListings(50, 3)).not.toEqual(planListings(50, 4));
});

test('one row and very few rows can be planned', () => {
  expect([1, 2, 5].map((rows) => planListings(rows, 1).length)).toEqual([1, 2, 5]);
});
