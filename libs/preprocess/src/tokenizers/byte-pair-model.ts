import { RankQueue } from './rank-queue.js';
import type { TokenizerFile } from './tokenizer-file.js';
import { BPE } from './tokenizers-library.js';

export type BpeFile = Extract<TokenizerFile['model'], { type: 'BPE' }>;

/** Left · RADIX + right is a key of a pair of ids; rank · RADIX + position sorts by both. */
const RADIX = 2 ** 25;
const NONE = -1;
const CACHED_WORDS = 20_000;
const CACHED_LENGTH = 64;

interface Merge {
  rank: number;
  /** Of the token that the two make. */
  id: number;
}

/**
 * The BPE model of a `tokenizer.json`. It replaces that of the npm package, which takes seconds for a word of 65,536
 * characters, fuses unknown characters across words, and lets one that is dropped keep its neighbours apart.
 *
 * @see https://github.com/huggingface/tokenizers/blob/v0.22.1/tokenizers/src/models/bpe/model.rs
 */
export class BytePairModel extends BPE {
  readonly #file: BpeFile;
  readonly #ids: ReadonlyMap<string, number>;
  readonly #tokens: readonly string[];
  readonly #merges = new Map<number, Merge>();
  readonly #cache = new Map<string, string[]>();

  constructor(file: BpeFile) {
    super({ ...file, merges: [] });
    this.#file = file;
    this.#ids = new Map(Object.entries(file.vocab));
    const tokens: string[] = [];
    for (const [token, id] of this.#ids) tokens[id] = token;
    this.#tokens = tokens;
    for (const [rank, merge] of file.merges.entries()) {
      const [left = '', right = ''] = typeof merge === 'string' ? merge.split(' ') : merge;
      const ids = [left, right, left + right].map((token) => this.#ids.get(token));
      const [a, b, id] = ids;
      if (a !== undefined && b !== undefined && id !== undefined)
        this.#merges.set(a * RADIX + b, { rank, id });
    }
  }

  /** Called by the library in place of its own. */
  override _call(words: string[]): string[] {
    return words.flatMap((word) => this.#tokensOf(word));
  }

  #tokensOf(word: string): string[] {
    const known = this.#cache.get(word);
    if (known !== undefined) return known;
    const isToken = this.#file.ignore_merges && this.#ids.has(word);
    const tokens = isToken ? [word] : this.#merged(this.#symbolsOf(word));
    if (word.length <= CACHED_LENGTH) {
      if (this.#cache.size >= CACHED_WORDS) this.#cache.clear();
      this.#cache.set(word, tokens);
    }
    return tokens;
  }

  /** Ids of the characters of a word. */
  #symbolsOf(word: string): number[] {
    const symbols: number[] = [];
    const { end_of_word_suffix, fuse_unk } = this.#file;
    const unknown = this.#ids.get(this.#file.unk_token ?? '');
    const characters = [...word];
    let wasUnknown = false;
    for (const [i, character] of characters.entries()) {
      const isLast = i === characters.length - 1;
      const id = this.#ids.get(isLast ? character + (end_of_word_suffix ?? '') : character);
      const bytes = id === undefined ? this.#bytesOf(character) : [id];
      if (bytes !== undefined) symbols.push(...bytes);
      else if (unknown !== undefined && !(wasUnknown && fuse_unk)) symbols.push(unknown);
      wasUnknown = bytes === undefined;
    }
    return symbols;
  }

  /** Tokens such as <0xE2> for a character that has none. */
  #bytesOf(character: string): number[] | undefined {
    if (!this.#file.byte_fallback) return undefined;
    const ids = Array.from(Buffer.from(character), (byte) =>
      this.#ids.get(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`),
    );
    return ids.every((id) => id !== undefined) ? ids : undefined;
  }

  /** Merges the pair of the least rank, of equal ones the first, until there is none. */
  #merged(symbols: number[]): string[] {
    const next = symbols.map((_, i) => i + 1);
    const previous = symbols.map((_, i) => i - 1);
    const queue = new RankQueue();
    const mergeAt = (at: number): Merge | undefined => {
      const right = symbols[next[at] ?? NONE];
      return right === undefined ? undefined : this.#merges.get((symbols[at] ?? NONE) * RADIX + right);
    };
    const offer = (at: number): void => {
      const merge = mergeAt(at);
      if (merge !== undefined) queue.push(merge.rank * RADIX + at);
    };
    for (const at of symbols.keys()) offer(at);
    for (let entry = queue.pop(); entry !== undefined; entry = queue.pop()) {
      const at = entry % RADIX;
      const merge = symbols[at] === NONE ? undefined : mergeAt(at);
      if (merge === undefined || merge.rank !== Math.floor(entry / RADIX)) continue; // merged otherwise since
      const right = next[at] ?? NONE;
      symbols[at] = merge.id;
      symbols[right] = NONE;
      next[at] = next[right] ?? symbols.length;
      previous[next[at] ?? NONE] = at;
      offer(at);
      const left = previous[at] ?? NONE;
      if (left !== NONE) offer(left);
    }
    return symbols.flatMap((id) => (id === NONE ? [] : [this.#tokens[id] ?? '']));
  }
}
