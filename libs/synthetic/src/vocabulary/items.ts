import type { Language } from './languages.js';

export const ITEM_SHAPES = [
  'mug',
  'vase',
  'necklace',
  'scarf',
  'candle',
  'bowl',
  'soap',
  'cushion',
  'ring',
  'notebook',
  'basket',
  'lamp',
  'spoon',
  'print',
  'toy',
  'brush',
] as const;
export type ItemShape = (typeof ITEM_SHAPES)[number];

export interface Item {
  shape: ItemShape;
  category: string;
  /** Median price. */
  price: number;
  noun: Readonly<Record<Language, string>>;
}

export const ITEMS: readonly Item[] = [
  { shape: 'mug', category: 'home', price: 22, noun: { en: 'mug', de: 'Becher', fr: 'tasse', es: 'taza' } },
  { shape: 'vase', category: 'home', price: 38, noun: { en: 'vase', de: 'Vase', fr: 'vase', es: 'jarrón' } },
  { shape: 'bowl', category: 'home', price: 31, noun: { en: 'bowl', de: 'Schale', fr: 'bol', es: 'cuenco' } },
  {
    shape: 'lamp',
    category: 'home',
    price: 64,
    noun: { en: 'table lamp', de: 'Tischlampe', fr: 'lampe', es: 'lámpara' },
  },
  {
    shape: 'cushion',
    category: 'home',
    price: 27,
    noun: { en: 'cushion', de: 'Kissen', fr: 'coussin', es: 'cojín' },
  },
  {
    shape: 'basket',
    category: 'home',
    price: 29,
    noun: { en: 'basket', de: 'Korb', fr: 'panier', es: 'cesta' },
  },
  {
    shape: 'spoon',
    category: 'kitchen',
    price: 14,
    noun: { en: 'serving spoon', de: 'Servierlöffel', fr: 'cuillère', es: 'cuchara' },
  },
  {
    shape: 'necklace',
    category: 'jewelry',
    price: 45,
    noun: { en: 'necklace', de: 'Halskette', fr: 'collier', es: 'collar' },
  },
  {
    shape: 'ring',
    category: 'jewelry',
    price: 52,
    noun: { en: 'ring', de: 'Ring', fr: 'bague', es: 'anillo' },
  },
  {
    shape: 'scarf',
    category: 'clothing',
    price: 34,
    noun: { en: 'scarf', de: 'Schal', fr: 'écharpe', es: 'bufanda' },
  },
  {
    shape: 'candle',
    category: 'bath',
    price: 16,
    noun: { en: 'candle', de: 'Kerze', fr: 'bougie', es: 'vela' },
  },
  {
    shape: 'soap',
    category: 'bath',
    price: 12,
    noun: { en: 'soap bar', de: 'Seife', fr: 'savon', es: 'jabón' },
  },
  {
    shape: 'notebook',
    category: 'paper',
    price: 18,
    noun: { en: 'notebook', de: 'Notizbuch', fr: 'carnet', es: 'cuaderno' },
  },
  {
    shape: 'print',
    category: 'paper',
    price: 24,
    noun: { en: 'wall print', de: 'Wandbild', fr: 'affiche', es: 'lámina' },
  },
  {
    shape: 'toy',
    category: 'toys',
    price: 26,
    noun: { en: 'pull toy', de: 'Ziehtier', fr: 'jouet à tirer', es: 'juguete' },
  },
  {
    shape: 'brush',
    category: 'craft',
    price: 13,
    noun: { en: 'paint brush', de: 'Pinsel', fr: 'pinceau', es: 'pincel' },
  },
];
