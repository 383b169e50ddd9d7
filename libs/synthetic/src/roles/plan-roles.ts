import { Random } from '@assay/core';
import { capitalise, fillSlots } from '../fill-slots.js';
import { ORDINARY_SETTINGS, planPhoto, type PhotoPlan, type Setting } from '../photos/photo-plan.js';
import { ITEMS, type Item } from '../vocabulary/items.js';
import { ADJECTIVES, FILLERS, MATERIALS } from '../vocabulary/listing-phrases.js';
import { ROLE_SENTENCES, ROLES, SHARED_ROLE_SENTENCES, type Role } from '../vocabulary/role-phrases.js';

export interface RolePlan {
  id: string;
  sellerId: string;
  createdAt: Date;
  title: string;
  description: string;
  category: string;
  price: number;
  /** What the seller ticked. */
  declared: Role;
  /** What is true. */
  role: Role;
  /** Where the role shows, or is lied about. */
  shownIn: 'text' | 'image' | 'image+text' | 'neither';
  photos: PhotoPlan[];
}

const START = Date.UTC(2024, 0, 1);
const PERIOD_SECONDS = 540 * 86_400;
const LISTINGS_PER_SELLER = 5;
const ROLE_WEIGHTS = [35, 20, 25, 20] as const;
/** Sellers of supplies tick another role most often; over all roles 0.25 × 0.30 + 0.75 × 0.10 = 0.15. */
const MISDECLARED_SHARE: Readonly<Record<Role, number>> = {
  made_by: 0.1,
  designed_by: 0.1,
  sourced_by: 0.3,
  handpicked_by: 0.1,
};
const SHOWN_IN = ['image+text', 'text', 'image', 'neither'] as const;
const SHOWN_IN_WEIGHTS = [40, 30, 20, 10] as const;
/** How often a seller who ticked another role writes like that one, too. */
const LIE_KEPT_UP_SHARE = 0.8;
/** How often a photo is taken where another role's usually are: a maker's parcel, a reseller's nice table. */
const ODD_SETTING_SHARE = 0.12;
const ROLE_SETTING: Readonly<Record<Role, Setting>> = {
  made_by: 'workbench',
  designed_by: 'blueprint',
  sourced_by: 'carton',
  handpicked_by: 'shelf',
};
/** Median price against that of the same item elsewhere. */
const PRICE_FACTOR: Readonly<Record<Role, number>> = {
  made_by: 1.2,
  designed_by: 1,
  sourced_by: 0.5,
  handpicked_by: 1.3,
};
/** How often a seller keeps to the role most of the shop's items have. */
const FAITHFUL_SHARE = 0.85;

/** Plans items with the role of their seller, without rendering a photo. Every item draws from its own stream. */
export function planRoles(rows: number, seed: number): RolePlan[] {
  const root = new Random(seed, 'synthetic/roles');
  const numSellers = Math.max(4, Math.ceil(rows / LISTINGS_PER_SELLER));
  return Array.from({ length: rows }, (_, index) => {
    const id = `R${String(index + 1).padStart(6, '0')}`;
    const random = root.fork(`item/${index}`);
    // The square makes low numbers frequent: a few sellers hold many items.
    const seller = Math.floor(numSellers * random.uniform() ** 2);
    const usual = root.fork(`seller/${seller}`).weighted(ROLES, ROLE_WEIGHTS);
    const role = random.bernoulli(FAITHFUL_SHARE) ? usual : random.weighted(ROLES, ROLE_WEIGHTS);
    const seconds = Math.floor(((index + random.uniform()) / rows) * PERIOD_SECONDS);
    return {
      id,
      sellerId: `S${String(seller + 1).padStart(5, '0')}`,
      createdAt: new Date(START + seconds * 1000),
      ...planItem(id, role, random),
    };
  });
}

type ItemPart = Omit<RolePlan, 'id' | 'sellerId' | 'createdAt'>;

function planItem(id: string, role: Role, random: Random): ItemPart {
  const item = random.pick(ITEMS);
  const shownIn = random.weighted(SHOWN_IN, SHOWN_IN_WEIGHTS);
  const others = ROLES.filter((other) => other !== role);
  const declared = random.bernoulli(MISDECLARED_SHARE[role]) ? random.pick(others) : role;
  const written = random.bernoulli(LIE_KEPT_UP_SHARE) ? declared : role;
  const pictured = random.bernoulli(ODD_SETTING_SHARE) ? random.pick(others) : role;
  return {
    ...writeText(item, shownIn.includes('text') ? written : null, random.fork('text')),
    category: item.category,
    price: Math.round(100 * item.price * PRICE_FACTOR[role] * Math.exp(0.4 * random.normal())) / 100,
    declared,
    role,
    shownIn,
    photos: planPhotos(id, item, {
      role: shownIn.includes('image') ? pictured : null,
      random: random.fork('photos'),
    }),
  };
}

function writeText(item: Item, role: Role | null, random: Random): { title: string; description: string } {
  const slots = {
    noun: item.noun.en,
    adjective: random.pick(ADJECTIVES.en),
    material: random.pick(MATERIALS.en),
    size: String(6 + random.integer(60)),
  };
  const telling = role === null ? [] : random.shuffle(ROLE_SENTENCES[role]).slice(0, 1 + random.integer(2));
  const shared = random.shuffle(SHARED_ROLE_SENTENCES).slice(0, random.integer(3));
  const fillers = random.shuffle(FILLERS.en).slice(0, 1 + random.integer(3));
  const sentences = random.shuffle([...telling, ...shared, ...fillers]);
  return {
    title: capitalise(`${slots.adjective} ${slots.noun}, ${slots.material}`),
    description: sentences.map((sentence) => capitalise(fillSlots(sentence, slots))).join(' '),
  };
}

/** One or two photos; when the photo tells the role, the first shows the place that goes with it. */
function planPhotos(
  id: string,
  item: Item,
  { role, random }: { role: Role | null; random: Random },
): PhotoPlan[] {
  const shopHue = random.integer(360);
  return Array.from({ length: 1 + random.integer(2) }, (_, i) => {
    const settings = role !== null && i === 0 ? [ROLE_SETTING[role]] : ORDINARY_SETTINGS;
    const path = `photos/${id}_${i + 1}.jpg`;
    return planPhoto({ path, shape: item.shape, prop: 'none', settings, shopHue }, random.fork(String(i)));
  });
}
