import type { Random } from '@assay/core';
import { ITEM_SHAPES, type ItemShape } from '../vocabulary/items.js';

/** What lies in the photo beside the item. `dagger` and `sabre` are weapons, `brand` and `brand-outline` the mark of a brand. */
export const PROPS = [
  'none',
  'dagger',
  'sabre',
  'brand',
  'brand-outline',
  'feather',
  'spatula',
  'candlestick',
  'heart-badge',
  'leaf-badge',
  'star-badge',
] as const;
export type Prop = (typeof PROPS)[number];

export const SETTINGS = [
  'plain',
  'gradient',
  'table',
  'stripes',
  'workbench',
  'blueprint',
  'carton',
  'shelf',
] as const;
export type Setting = (typeof SETTINGS)[number];

/** All that a photo shows; rendering adds nothing of its own, so the same plan gives the same bytes. */
export interface PhotoPlan {
  /** Relative to the output directory. */
  path: string;
  width: number;
  height: number;
  shape: ItemShape;
  /** Degrees on the colour wheel. */
  itemHue: number;
  backgroundHue: number;
  setting: Setting;
  /** Degrees. */
  rotation: number;
  /** Item size as a fraction of the shorter side. */
  scale: number;
  prop: Prop;
  propHue: number;
  propRotation: number;
  propScale: number;
  /** Centre of the prop as fractions of width and height. */
  propX: number;
  propY: number;
  /** Standard deviation of the sensor noise in grey levels. */
  noise: number;
  noiseSeed: number;
  /** Multiplies every channel. */
  exposure: number;
  mirrored: boolean;
  jpegQuality: number;
}

export interface PhotoWish {
  path: string;
  shape: ItemShape;
  prop: Prop;
  settings: readonly Setting[];
  /** Hue that the shop likes for its background, in degrees. */
  shopHue: number;
}

export const ORDINARY_SETTINGS = ['plain', 'gradient', 'table', 'stripes'] as const;

const between = (random: Random, low: number, high: number): number =>
  Math.round((low + (high - low) * random.uniform()) * 100) / 100;

/** Draws everything about a photo that nobody asked for. */
export function planPhoto(wish: PhotoWish, random: Random): PhotoPlan {
  const isBadge = wish.prop.endsWith('badge') || wish.prop.startsWith('brand');
  return {
    path: wish.path,
    width: 96 + 8 * random.integer(9),
    height: 96 + 8 * random.integer(9),
    shape: wish.shape,
    itemHue: random.integer(360),
    backgroundHue: (wish.shopHue + random.integer(60)) % 360,
    setting: random.pick(wish.settings),
    rotation: between(random, -18, 18),
    scale: between(random, 0.55, 0.8),
    prop: wish.prop,
    propHue: random.integer(360),
    propRotation: isBadge ? between(random, -15, 15) : random.pick([-1, 1]) * between(random, 15, 65),
    propScale: isBadge ? between(random, 0.36, 0.5) : between(random, 0.7, 0.95),
    propX: between(random, 0.35, 0.65),
    propY: between(random, 0.38, 0.62),
    noise: between(random, 2, 10),
    noiseSeed: random.word(),
    exposure: between(random, 0.85, 1.1),
    mirrored: false,
    jpegQuality: 80,
  };
}

/** The same photo uploaded once more: mirrored at times, compressed harder, a little darker or brighter. */
export function recyclePhoto(photo: PhotoPlan, path: string, random: Random): PhotoPlan {
  return {
    ...photo,
    path,
    mirrored: random.bernoulli(0.5),
    jpegQuality: 58 + random.integer(20),
    exposure: Math.round(photo.exposure * between(random, 0.95, 1.05) * 100) / 100,
  };
}

/** Any shape, for photos of the shop around the item. */
export const anyShape = (random: Random): ItemShape => random.pick(ITEM_SHAPES);
