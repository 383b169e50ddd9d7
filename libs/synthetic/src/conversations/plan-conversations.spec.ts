import { HARASSMENT_TWINS, OFF_PLATFORM_TWINS } from '../vocabulary/conversation-scripts.js';
import { isUnsafe, MAX_MESSAGES, planConversations, SCENE_KINDS } from './plan-conversations.js';

const plans = planConversations(2000, 7);

test('15 % are off-platform and 10 % harassment', () => {
  const share = (label: 'off_platform_payment' | 'harassment'): number =>
    plans.filter((plan) => plan.labels[label] === 1).length / 2000;
  expect(Math.abs(share('off_platform_payment') - 0.15)).toBeLessThan(0.025);
  expect(Math.abs(share('harassment') - 0.1)).toBeLessThan(0.02);
});

test('conversations have 2 to 20 messages in order of time', () => {
  for (const { messages } of plans) {
    expect(messages.length).toBeGreaterThanOrEqual(2);
    expect(messages.length).toBeLessThanOrEqual(MAX_MESSAGES);
    const times = messages.map(({ at }) => at.getTime());
    expect(times).toEqual([...times].sort((a, b) => a - b));
  }
});

test.each([...OFF_PLATFORM_TWINS, ...HARASSMENT_TWINS])(
  'both scenes of "$name" end with the key',
  ({ unsafe, safe }) => {
    expect(safe.at(-1)).toEqual(unsafe.at(-1));
    expect(safe.slice(0, -1)).not.toEqual(unsafe.slice(0, -1));
  },
);

test('a harmless conversation can hold every sentence of an unsafe one', () => {
  const texts = (kind: string): Set<string>[] =>
    plans
      .filter(
        ({ episodes }) =>
          episodes.length === 1 && episodes[0]!.twin === 'transfer' && episodes[0]!.kind === kind,
      )
      .map(({ messages }) => new Set(messages.map(({ text }) => text)));
  const scene = [
    'The site takes a fee, so I would rather not use the checkout.',
    'I prefer the normal way.',
    'Just send the money by bank transfer.',
  ];
  for (const kind of ['relapses', 'safe-then-halted']) {
    const conversations = texts(kind);
    expect(conversations.length).toBeGreaterThan(3);
    for (const conversation of conversations)
      expect(scene.every((line) => conversation.has(line))).toBe(true);
  }
});

test('unsafe means plain, insists or relapses', () => {
  expect(SCENE_KINDS.filter(isUnsafe)).toEqual(['plain', 'insists', 'relapses']);
});

test('only the unsafe kinds set a label', () => {
  for (const { labels, episodes } of plans) {
    const unsafe = episodes.filter(({ kind }) => isUnsafe(kind)).map(({ label }) => label);
    expect(Object.entries(labels).flatMap(([label, value]) => (value === 1 ? [label] : []))).toEqual(unsafe);
  }
  expect(new Set(plans.flatMap(({ episodes }) => episodes.map(({ kind }) => kind)))).toEqual(
    new Set(SCENE_KINDS),
  );
});

test('the same seed plans the same conversations, another seed does not', () => {
  expect(planConversations(30, 1)).toEqual(planConversations(30, 1));
  expect(planConversations(30, 1)).not.toEqual(planConversations(30, 2));
});
