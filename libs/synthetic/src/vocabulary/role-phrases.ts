export const ROLES = ['made_by', 'designed_by', 'sourced_by', 'handpicked_by'] as const;
/** Who stands behind an item: its seller made it, designed it, sourced it for making things, or picked it as it is. */
export type Role = (typeof ROLES)[number];

/** Sentences that tell the role to a careful reader. */
export const ROLE_SENTENCES: Readonly<Record<Role, readonly string[]>> = {
  made_by: [
    'I throw each piece on the wheel in my garage.',
    'Sewn at my kitchen table, one at a time.',
    'I cut, sand and oil the wood myself.',
    'My hands do every step, from raw {material} to the finished {noun}.',
    'The small marks come from my own tools.',
  ],
  designed_by: [
    'I draw the pattern; a workshop in town produces it.',
    'My sketch, printed and finished by a partner.',
    'From my drawing to the finished {noun}: a local factory does the making.',
    'The shape is my idea, the casting is done for me.',
    'Produced after my design in small numbers by a print house.',
  ],
  sourced_by: [
    'Supplies for your own projects, sold by the pack.',
    'We buy the {material} from a mill and cut it to length for makers.',
    'Blank {noun}, ready for you to paint or engrave.',
    'Bulk order of parts, for workshops and classes.',
    'Straight from the wholesaler, for those who make things.',
  ],
  handpicked_by: [
    'Found at an estate sale and cleaned with care.',
    'A vintage {noun} from the seventies, with a little wear.',
    'I searched flea markets for this one.',
    'Chosen from an old collection; only one exists.',
    'Its former owner kept it in a cabinet for forty years.',
  ],
};

/** Sentences that use the words of several roles and decide nothing. */
export const SHARED_ROLE_SENTENCES: readonly string[] = [
  'Handmade look with a vintage feel.',
  'Our workshop packs every order with care.',
  'Chosen with care, made to last.',
  'A design that fits every home.',
  'Ask about the history of this {noun}.',
  'Good {material}, good price.',
];
