export const LANGUAGES = ['en', 'de', 'fr', 'es'] as const;
export type Language = (typeof LANGUAGES)[number];
export const LANGUAGE_WEIGHTS = [60, 15, 13, 12] as const;

/** Phrases of every language. `{name}` is a slot. */
export type Phrases = Readonly<Record<Language, readonly string[]>>;
