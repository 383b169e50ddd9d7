import { toJsonLines } from '../csv.js';
import type { SyntheticOptions, SyntheticSummary } from '../synthetic-options.js';
import { describeDataset, writeDataset, type Dataset } from '../write-dataset.js';
import { CONVERSATION_LABELS, planConversations, type ConversationPlan } from './plan-conversations.js';

const BODY = `- \`conversations.jsonl\`: one conversation a line: \`id\`, \`buyer_id\`, \`seller_id\`, \`started_at\`, \`messages\` (2–20 of \`role\`, \`at\`, \`text\`), \`labels\`.
- \`truth.jsonl\`: the episodes that decide a label. Never train on it.

\`off_platform_payment\` (15 %): one side draws the other away from the safe checkout and does not drop it for good.
\`harassment\` (10 %): one side presses or slights the other and does not take it back.
The same key sentences, set-ups and objections also occur in harmless conversations, some of which hold all the sentences of an unsafe one
in another order; so words alone do not tell.`;

const conversationLine = ({
  id,
  buyerId,
  sellerId,
  messages,
  labels,
}: ConversationPlan): Record<string, unknown> => ({
  id,
  buyer_id: buyerId,
  seller_id: sellerId,
  started_at: messages[0]?.at,
  messages,
  labels,
});

/** The data set of conversations. */
export function conversationsDataset(options: SyntheticOptions): Dataset {
  const plans = planConversations(options.rows, options.seed);
  const positives = CONVERSATION_LABELS.map(
    (label) => [label, plans.filter((plan) => plan.labels[label] === 1).length] as const,
  );
  return {
    files: {
      'conversations.jsonl': toJsonLines(plans.map(conversationLine)),
      'truth.jsonl': toJsonLines(plans.map(({ id, episodes }) => ({ id, episodes }))),
      'README.md': describeDataset('Synthetic conversations', options, BODY),
    },
    labelCounts: Object.fromEntries(positives),
  };
}

/**
 * Writes conversations of buyers and sellers that are unsafe by context rather than by one word.
 *
 * @throws USAGE when rows or seed are not valid, or `outDir` holds anything but an earlier data set of the same kind
 * @throws DISK_FULL when the disk is full; nothing is left behind
 * @throws INTERRUPTED when the signal aborts
 */
export async function synthesizeConversations(options: SyntheticOptions): Promise<SyntheticSummary> {
  return writeDataset(options, () => conversationsDataset(options));
}
