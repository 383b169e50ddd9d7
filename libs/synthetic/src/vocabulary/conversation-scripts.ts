export type Speaker = 'buyer' | 'seller';
/** Who speaks, and what; `{noun}` is a slot. */
export type Line = readonly [Speaker, string];

export const OPENINGS: readonly (readonly Line[])[] = [
  [
    ['buyer', 'Hi, is the {noun} still available?'],
    ['seller', 'Yes, it is.'],
  ],
  [
    ['buyer', 'Hello, I like the {noun}. Can you ship this week?'],
    ['seller', 'Hello, sure, I can post it on Thursday.'],
  ],
  [
    ['buyer', 'Good morning, does the {noun} come in blue?'],
    ['seller', 'Good morning, only in green right now.'],
  ],
  [
    ['buyer', 'Hi there, what size is the {noun}?'],
    ['seller', 'About thirty centimetres.'],
  ],
];

export const SMALL_TALK: readonly (readonly Line[])[] = [
  [
    ['buyer', 'Parcel or letter? I prefer the normal way.'],
    ['seller', 'All right, as you like.'],
  ],
  [
    ['buyer', 'A plain box will do, without a card.'],
    ['seller', 'All right, as you like.'],
  ],
  [
    ['buyer', 'I think the invoice is missing.'],
    ['seller', 'You are right, I am sorry.'],
  ],
  [
    ['buyer', 'Does it fit in a letter box?'],
    ['seller', 'No, it comes as a small parcel.'],
  ],
  [
    ['buyer', 'Could you wrap it as a gift?'],
    ['seller', 'Yes, with paper and a ribbon.'],
  ],
  [
    ['seller', 'I have two more pieces in the same style.'],
    ['buyer', 'Thanks, one is enough for now.'],
  ],
  [
    ['buyer', 'Is the colour like in the photo?'],
    ['seller', 'A little warmer in daylight.'],
  ],
  [
    ['buyer', 'How do I clean it?'],
    ['seller', 'A damp cloth is enough.'],
  ],
  [
    ['buyer', 'It is for my sister.'],
    ['seller', 'How nice, I hope she likes it.'],
  ],
  [
    ['seller', 'The weather slows the post down a bit.'],
    ['buyer', 'No problem, I am not in a hurry.'],
  ],
];

/** What stops an attempt, and how the other side gives in; the small talk holds the same answers in harmless places. */
export const HALTS = {
  off_platform_payment: {
    objection: ['buyer', 'I prefer the normal way.'],
    retreat: ['seller', 'All right, as you like.'],
  },
  harassment: {
    objection: ['buyer', 'Please stay polite.'],
    retreat: ['seller', 'You are right, I am sorry.'],
  },
} as const satisfies Record<string, { objection: Line; retreat: Line }>;

export const CLOSINGS: readonly (readonly Line[])[] = [
  [
    ['buyer', 'Thank you!'],
    ['seller', 'You are welcome.'],
  ],
  [['buyer', 'Great, have a nice day.']],
  [['seller', 'Let me know if you need anything else.']],
  [],
];

/**
 * Two scenes that hold the same key sentence; only what is said before it decides. The key ends both.
 */
export interface Twin {
  name: string;
  unsafe: readonly Line[];
  safe: readonly Line[];
}

export const OFF_PLATFORM_TWINS: readonly Twin[] = [
  {
    name: 'transfer',
    unsafe: [
      ['seller', 'The site takes a fee, so I would rather not use the checkout.'],
      ['buyer', 'How would that work?'],
      ['seller', 'Just send the money by bank transfer.'],
    ],
    safe: [
      ['buyer', 'The checkout offers a card and a bank transfer. Which is faster?'],
      ['seller', 'Both are fine, the order page shows the details.'],
      ['seller', 'Just send the money by bank transfer.'],
    ],
  },
  {
    name: 'number',
    unsafe: [
      ['buyer', 'If we leave the site out, can you give me ten percent off?'],
      ['seller', 'That could be arranged.'],
      ['seller', 'Send me your number and we settle it there.'],
    ],
    safe: [
      ['buyer', 'The engraving form asks for the order number of my set.'],
      ['seller', 'The order page has a field for that.'],
      ['seller', 'Send me your number and we settle it there.'],
    ],
  },
  {
    name: 'pay first',
    unsafe: [
      ['seller', 'Please cancel the order here first.'],
      ['buyer', 'And then?'],
      ['seller', 'Pay me first, then I post it today.'],
    ],
    safe: [
      ['seller', 'You reserved it, but the order is still open.'],
      ['buyer', 'Right, the checkout button waits for me.'],
      ['seller', 'Pay me first, then I post it today.'],
    ],
  },
  {
    name: 'cash',
    unsafe: [
      ['seller', 'I can close the listing so that nobody sees the sale.'],
      ['buyer', 'All right, and the price?'],
      ['seller', 'Cash is easiest, forty and we are done.'],
    ],
    safe: [
      ['seller', 'You chose pick-up with payment on the spot in the order.'],
      ['buyer', 'Yes, the order says I may pay there by card or cash.'],
      ['seller', 'Cash is easiest, forty and we are done.'],
    ],
  },
  {
    name: 'everyone',
    unsafe: [
      ['seller', 'Ignore the banner about safe payment and leave the site.'],
      ['buyer', 'Is that usual?'],
      ['seller', 'Everyone does it that way, it is quicker.'],
    ],
    safe: [
      ['seller', 'You can pay on the site and print the label at home.'],
      ['buyer', 'Is that usual?'],
      ['seller', 'Everyone does it that way, it is quicker.'],
    ],
  },
];

export const HARASSMENT_TWINS: readonly Twin[] = [
  {
    name: 'keeps writing',
    unsafe: [
      ['buyer', 'Please stop writing to me, I do not want it.'],
      ['seller', 'Hello? Are you there?'],
      ['seller', 'I will keep writing until you answer.'],
    ],
    safe: [
      ['seller', 'Hello? Are you there?'],
      ['buyer', 'Sorry, I was away. Please remind me about the order again.'],
      ['seller', 'I will keep writing until you answer.'],
    ],
  },
  {
    name: 'hear from me',
    unsafe: [
      ['buyer', 'I would like a refund, please.'],
      ['seller', 'You will be sorry that you asked.'],
      ['seller', 'You will hear from me every day.'],
    ],
    safe: [
      ['buyer', 'Could you tell me how the repair goes?'],
      ['seller', 'Of course, I send a photo of each step.'],
      ['seller', 'You will hear from me every day.'],
    ],
  },
  {
    name: 'silly',
    unsafe: [
      ['buyer', 'The size is not the one I ordered.'],
      ['seller', 'Then you cannot read.'],
      ['seller', 'How silly can one be?'],
    ],
    safe: [
      ['seller', 'I packed the wrong size, my mistake.'],
      ['buyer', 'These things happen.'],
      ['seller', 'How silly can one be?'],
    ],
  },
  {
    name: 'where you live',
    unsafe: [
      ['seller', 'Take the bad review down.'],
      ['buyer', 'No, it is my honest opinion.'],
      ['seller', 'I know where you live, remember that.'],
    ],
    safe: [
      ['buyer', 'We are neighbours, by the way, third floor.'],
      ['seller', 'What a coincidence! Then I bring it over.'],
      ['seller', 'I know where you live, remember that.'],
    ],
  },
];
