import { toCsv, toJsonLines } from '../csv.js';
import type { SyntheticOptions, SyntheticSummary } from '../synthetic-options.js';
import { ROLES } from '../vocabulary/role-phrases.js';
import { describeDataset, writeDataset, type Dataset } from '../write-dataset.js';
import { planRoles } from './plan-roles.js';

export const ROLE_COLUMNS = [
  'item_id',
  'seller_id',
  'created_at',
  'title',
  'description',
  'category',
  'price',
  'declared_role',
  'photos',
  'role',
];

const BODY = `- \`roles.csv\`: one item a row, in order of time. \`role\` is who stands behind it: \`made_by\`, \`designed_by\`, \`sourced_by\` or \`handpicked_by\` its seller.
  \`declared_role\` is what the seller ticked; it is wrong for 15 % of items, for 30 % of the sourced ones. \`photos\` are separated by \`|\`.
- \`photos/\`: 1–2 JPEG files an item, 96–160 px a side. A workbench, a drawing board, cartons or a shelf hint at the role in 60 % of items, wrongly in one of eight.
- Who ticked another role mostly writes like that one, too; then only photos and price tell the truth.
- \`truth.jsonl\`: whether the declared role is true and which modality shows the role (text in 30 %, image in 20 %, both in 40 %, neither in 10 %). Never train on it.`;

/** The data set of roles, all but the drawn photos. */
export function rolesDataset(options: SyntheticOptions): Dataset {
  const plans = planRoles(options.rows, options.seed);
  const rows = plans.map((plan) => ({
    item_id: plan.id,
    seller_id: plan.sellerId,
    created_at: plan.createdAt.toISOString(),
    title: plan.title,
    description: plan.description,
    category: plan.category,
    price: plan.price.toFixed(2),
    declared_role: plan.declared,
    photos: plan.photos.map((photo) => photo.path).join('|'),
    role: plan.role,
  }));
  const truths = plans.map(({ id, role, declared, shownIn, photos }) => ({
    item_id: id,
    role,
    declared_is_true: declared === role,
    shown_in: shownIn,
    photos: photos.map(({ path, width, height, shape, setting }) => ({
      path,
      width,
      height,
      shape,
      setting,
    })),
  }));
  return {
    files: {
      'roles.csv': toCsv(ROLE_COLUMNS, rows),
      'truth.jsonl': toJsonLines(truths),
      'README.md': describeDataset('Synthetic seller roles', options, BODY),
    },
    photosOfRecord: plans.map((plan) => plan.photos),
    labelCounts: Object.fromEntries(
      ROLES.map((role) => [role, plans.filter((plan) => plan.role === role).length]),
    ),
  };
}

/**
 * Writes items with the role of their seller and a declared role that is wrong in a known share.
 *
 * @throws USAGE when rows or seed are not valid, or `outDir` holds anything but an earlier data set of the same kind
 * @throws DISK_FULL when the disk is full; nothing is left behind
 * @throws INTERRUPTED when the signal aborts
 */
export async function synthesizeRoles(options: SyntheticOptions): Promise<SyntheticSummary> {
  return writeDataset(options, () => rolesDataset(options));
}
