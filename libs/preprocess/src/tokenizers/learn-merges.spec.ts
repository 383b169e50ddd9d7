import { Random } from '@assay/core';
import { learnMerges, type CountedWord, type LearntMerges } from './learn-merges.js';

const LETTERS = [...'abcdefghilnorst'];
const words = (counts: Record<string, number>): CountedWord[] =>
  Object.entries(counts).map(([word, count]) => ({
    tokens: [...word].map((c) => LETTERS.indexOf(c)),
    count,
  }));
const learn = (counts: Record<string, number>, maxTokens = 1000, minCount = 1): LearntMerges =>
  learnMerges(words(counts), { alphabet: LETTERS, maxTokens, minCount, join: (a, b) => a + b });
const made = ({ tokens }: LearntMerges): string[] => tokens.slice(LETTERS.length);

describe('learnMerges', () => {
  it('merges the most frequent pair first', () => {
    const learnt = learn({ her: 3, he: 2, rt: 4 });
    expect(made(learnt)).toEqual(['he', 'rt', 'her']); // he 5 times, rt 4, her 3
    expect(learnt.merges.map((pair) => pair.map((id) => learnt.tokens[id]))).toEqual([
      ['h', 'e'],
      ['r', 't'],
      ['he', 'r'],
    ]);
  });

  it('takes of equally frequent pairs the one whose ids sort first', () => {
    expect(made(learn({ st: 2, ab: 2, ac: 2 }))).toEqual(['ab', 'ac', 'st']);
  });

  it('counts words as often as they occur, and pairs as often as they stand in a word', () => {
    expect(made(learn({ abab: 1, cd: 1, ch: 3 }, LETTERS.length + 2))).toEqual(['ch', 'ab']);
  });

  it('merges runs of one letter from the left', () => {
    const counted = words({ aaaaa: 1 });
    learnMerges(counted, {
      alphabet: LETTERS,
      maxTokens: LETTERS.length + 1,
      minCount: 1,
      join: (a, b) => a + b,
    });
    expect(counted[0]?.tokens).toEqual([LETTERS.length, LETTERS.length, 0]);
  });

  it('gives one id to a token that two pairs make', () => {
    const { tokens } = learn({ aaaa: 5, aaa: 3, aaaaaaa: 2 });
    expect(new Set(tokens).size).toBe(tokens.length);
  });

  it('stops at the size, and before pairs that are too rare', () => {
    expect(made(learn({ her: 3, he: 2 }, LETTERS.length + 1))).toEqual(['he']);
    expect(made(learn({ her: 3, he: 2, to: 1 }, 1000, 3))).toEqual(['he', 'her']);
    expect(made(learn({ a: 9 }))).toEqual([]);
  });

  it('finds the most frequent pair at every step, as counting anew does, whatever the order of the words', () => {
    const random = new Random(3, 'words');
    const counts: Record<string, number> = {};
    for (let i = 0; i < 400; i++) {
      const word = Array.from({ length: 1 + random.integer(8) }, () => random.pick([...'aabehlst'])).join('');
      counts[word] = 1 + random.integer(5);
    }
    const maxTokens = LETTERS.length + 120;
    const expected = countingAnew(words(counts), maxTokens);
    expect(made(learn(counts, maxTokens))).toEqual(expected);
    const shuffled = Object.fromEntries(random.shuffle(Object.entries(counts)));
    expect(learn(shuffled, maxTokens)).toEqual(learn(counts, maxTokens));
  });
});

/** The definition: count all pairs, merge the most frequent one, and so on. */
function countingAnew(counted: CountedWord[], maxTokens: number): string[] {
  const tokens = [...LETTERS];
  while (tokens.length < maxTokens) {
    const counts = new Map<string, { pair: [number, number]; count: number }>();
    for (const { tokens: ids, count } of counted)
      for (let i = 1; i < ids.length; i++) {
        const pair: [number, number] = [ids[i - 1]!, ids[i]!];
        const known = counts.get(pair.join()) ?? { pair, count: 0 };
        counts.set(pair.join(), { pair, count: known.count + count });
      }
    const [best] = [...counts.values()].sort(
      (a, b) => b.count - a.count || a.pair[0] - b.pair[0] || a.pair[1] - b.pair[1],
    );
    if (best === undefined) break;
    const token = best.pair.map((id) => tokens[id]).join('');
    const id = tokens.includes(token) ? tokens.indexOf(token) : tokens.push(token) - 1;
    for (const word of counted) {
      const merged: number[] = [];
      for (let i = 0; i < word.tokens.length; i++) {
        const isPair = word.tokens[i] === best.pair[0] && word.tokens[i + 1] === best.pair[1];
        merged.push(isPair ? id : word.tokens[i]!);
        if (isPair) i += 1;
      }
      word.tokens = merged;
    }
  }
  return tokens.slice(LETTERS.length);
}
