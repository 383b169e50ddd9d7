import type { Random } from '@assay/core';
import { capitalise, fillSlots } from '../fill-slots.js';
import type { Item } from '../vocabulary/items.js';
import type { Language } from '../vocabulary/languages.js';
import { ADJECTIVES, FILLERS, MATERIALS, TAGS } from '../vocabulary/listing-phrases.js';

export interface ListingText {
  title: string;
  description: string;
  tags: string[];
}

/**
 * Title, description and tags of an ordinary listing, with the sentences that the generator wants in it.
 * They go to random places between ordinary sentences, so position tells nothing.
 */
export function writeListing(
  item: Item,
  language: Language,
  wanted: readonly string[],
  random: Random,
): ListingText {
  const noun = item.noun[language];
  const adjective = random.pick(ADJECTIVES[language]);
  const material = random.pick(MATERIALS[language]);
  const size = String(6 + random.integer(60));
  const fillers = random.shuffle(FILLERS[language]).slice(0, 2 + random.integer(4));
  const ordinary = fillers.map((filler) =>
    capitalise(fillSlots(filler, { noun, adjective, material, size })),
  );
  const sentences = random.shuffle([...ordinary, ...wanted]);
  const separator = random.weighted([' ', '\n'], [85, 15]);
  return {
    title: capitalise(
      random.pick([`${adjective} ${noun}, ${material}`, `${noun} – ${material}`, `${noun} ${adjective}`]),
    ),
    description: sentences.join(separator),
    tags: [noun, material, ...random.shuffle(TAGS[language]).slice(0, 1 + random.integer(4))],
  };
}

/** Small edits of a copied text: a mark or a word in the title, a sentence more, tags in another order. */
export function editListing(text: ListingText, language: Language, random: Random): ListingText {
  const title = random.pick([
    text.title,
    `${text.title}!`,
    `${text.title} (${random.pick(ADJECTIVES[language])})`,
  ]);
  return {
    title,
    description: random.bernoulli(0.5)
      ? `${text.description} ${fillerWithoutSlot(language, random)}`
      : text.description,
    tags: random.shuffle(text.tags),
  };
}

const fillerWithoutSlot = (language: Language, random: Random): string =>
  random.pick(FILLERS[language].filter((filler) => !filler.includes('{')));
