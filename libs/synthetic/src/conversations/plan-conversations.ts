import { Random } from '@assay/core';
import { fillSlots } from '../fill-slots.js';
import {
  CLOSINGS,
  HALTS,
  HARASSMENT_TWINS,
  OFF_PLATFORM_TWINS,
  OPENINGS,
  SMALL_TALK,
  type Line,
  type Speaker,
  type Twin,
} from '../vocabulary/conversation-scripts.js';
import { ITEMS } from '../vocabulary/items.js';

export const CONVERSATION_LABELS = ['off_platform_payment', 'harassment'] as const;
export type ConversationLabel = (typeof CONVERSATION_LABELS)[number];

export interface Message {
  role: Speaker;
  at: Date;
  text: string;
}

/**
 * How a scene goes. Unsafe: `plain` = set-up and key sentence; `insists` = the same although the other side objects;
 * `relapses` = the attempt is dropped and then made again. Harmless: `safe` = the key sentence in a harmless scene;
 * `halted` = set-up, objection, and the attempt is dropped; `safe-then-halted` = both, so it holds the sentences of
 * `relapses` and only their order is harmless.
 */
export const SCENE_KINDS = ['plain', 'insists', 'relapses', 'safe', 'halted', 'safe-then-halted'] as const;
export type SceneKind = (typeof SCENE_KINDS)[number];

export interface Episode {
  label: ConversationLabel;
  twin: string;
  kind: SceneKind;
}

export interface ConversationPlan {
  id: string;
  buyerId: string;
  sellerId: string;
  messages: Message[];
  labels: Record<ConversationLabel, 0 | 1>;
  episodes: Episode[];
}

export const MAX_MESSAGES = 20;
const START = Date.UTC(2024, 0, 1);
const PERIOD_SECONDS = 540 * 86_400;
const CONVERSATIONS_PER_SELLER = 6;
const TWINS: Readonly<Record<ConversationLabel, readonly Twin[]>> = {
  off_platform_payment: OFF_PLATFORM_TWINS,
  harassment: HARASSMENT_TWINS,
};
/** Share of conversations with a scene of each kind, in the order of SCENE_KINDS; the rest has none. */
const SHARES: Readonly<Record<ConversationLabel, readonly number[]>> = {
  off_platform_payment: [0.03, 0.03, 0.09, 0.06, 0.05, 0.12],
  harassment: [0.02, 0.02, 0.06, 0.05, 0.04, 0.1],
};

export const isUnsafe = (kind: SceneKind): boolean =>
  kind === 'plain' || kind === 'insists' || kind === 'relapses';

/** Plans conversations whose labels hang on what was said around a sentence, not on the sentence. */
export function planConversations(rows: number, seed: number): ConversationPlan[] {
  const root = new Random(seed, 'synthetic/conversations');
  const numSellers = Math.max(2, Math.ceil(rows / CONVERSATIONS_PER_SELLER));
  return Array.from({ length: rows }, (_, index) => {
    const random = root.fork(`conversation/${index}`);
    const episodes = CONVERSATION_LABELS.flatMap((label) => drawEpisode(label, random));
    const startSecond = Math.floor(((index + random.uniform()) / rows) * PERIOD_SECONDS);
    const labelOf = (label: ConversationLabel): 0 | 1 =>
      episodes.some((it) => it.label === label && isUnsafe(it.kind)) ? 1 : 0;
    return {
      id: `C${String(index + 1).padStart(6, '0')}`,
      buyerId: `B${String(1 + random.integer(rows)).padStart(6, '0')}`,
      sellerId: `S${String(1 + Math.floor(numSellers * random.uniform() ** 2)).padStart(5, '0')}`,
      messages: timeMessages(writeLines(episodes, random), startSecond, random),
      labels: { off_platform_payment: labelOf('off_platform_payment'), harassment: labelOf('harassment') },
      episodes,
    };
  });
}

function drawEpisode(label: ConversationLabel, random: Random): Episode[] {
  const shares = SHARES[label];
  const none = 1 - shares.reduce((sum, share) => sum + share, 0);
  const kind = random.weighted([...SCENE_KINDS, null], [...shares, none]);
  return kind === null ? [] : [{ label, twin: random.pick(TWINS[label]).name, kind }];
}

/**
 * @param talks small talk for the gaps of a scene, none when the conversation would become too long: it keeps apart
 *   what belongs together, so that neighbouring words do not tell
 */
function writeScene(
  { label, twin, kind }: Episode,
  [gap = [], bridge = []]: readonly (readonly Line[])[],
): Line[] {
  const { unsafe, safe } = TWINS[label].find(({ name }) => name === twin) ?? { unsafe: [], safe: [] };
  const setUp = unsafe.slice(0, -1);
  const key = unsafe.slice(-1);
  const harmless = safe.slice(0, -1);
  const { objection, retreat } = HALTS[label];
  switch (kind) {
    case 'plain':
      return [...setUp, ...key];
    case 'insists':
      return [...setUp, objection, ...gap, ...key];
    case 'relapses':
      return [...harmless, ...bridge, ...setUp, objection, retreat, ...gap, ...key];
    case 'safe':
      return [...harmless, ...gap, ...key];
    case 'halted':
      return [...setUp, objection, retreat];
    case 'safe-then-halted':
      return [...harmless, ...gap, ...key, ...bridge, ...setUp, objection, retreat];
  }
}

/** Opening, then small talk and episodes in random order, then a closing: 2–20 lines. */
function writeLines(episodes: readonly Episode[], random: Random): Line[] {
  const gaps = (): (readonly Line[])[] => (episodes.length > 1 ? [] : random.shuffle(SMALL_TALK).slice(0, 2));
  const scenes = episodes.map((episode) => writeScene(episode, gaps()));
  const ifItFits = (lines: readonly Line[], spoken: number): readonly Line[] =>
    spoken + lines.length > MAX_MESSAGES ? [] : lines;
  const opening = ifItFits(random.pick(OPENINGS), scenes.flat().length);
  const closing = ifItFits(random.pick(CLOSINGS), scenes.flat().length + opening.length);
  const left = MAX_MESSAGES - scenes.flat().length - opening.length - closing.length;
  const numTalks = Math.min(random.integer(6), Math.floor(left / 2));
  const talks = random.shuffle(SMALL_TALK).slice(0, numTalks);
  const noun = random.pick(ITEMS).noun.en;
  return [...opening, ...random.shuffle([...scenes, ...talks]).flat(), ...closing].map(
    ([role, text]) => [role, fillSlots(text, { noun })] as const,
  );
}

/** Answers come after one minute to about eight hours. */
function timeMessages(lines: readonly Line[], startSecond: number, random: Random): Message[] {
  let second = startSecond;
  return lines.map(([role, text], i) => {
    if (i > 0) second += 60 + Math.floor(28_800 * random.uniform() ** 3);
    return { role, at: new Date(START + second * 1000), text };
  });
}
