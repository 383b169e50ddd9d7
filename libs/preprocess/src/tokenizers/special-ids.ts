import type { PostProcessorConfig, TokenizerFile } from './tokenizer-file.js';

/** Ids that the model expects around a text. */
export interface SpecialIds {
  before: number[];
  after: number[];
}

/** What the post-processor of a `tokenizer.json` puts around a single text. */
export function specialIds(config: PostProcessorConfig | null | undefined): SpecialIds {
  const none = { before: [], after: [] };
  if (config === null || config === undefined) return none;
  switch (config.type) {
    case 'ByteLevel':
      return none;
    case 'BertProcessing':
    case 'RobertaProcessing':
      return { before: [config.cls[1]], after: [config.sep[1]] };
    case 'Sequence':
      return config.processors
        .map((step) => specialIds(step))
        .reduce(
          (inner, outer) => ({
            before: [...outer.before, ...inner.before],
            after: [...inner.after, ...outer.after],
          }),
          none,
        );
    case 'TemplateProcessing': {
      const text = config.single.findIndex((piece) => 'Sequence' in piece);
      const ids = (pieces: typeof config.single): number[] =>
        pieces.flatMap((piece) =>
          'SpecialToken' in piece ? (config.special_tokens[piece.SpecialToken.id]?.ids ?? []) : [],
        );
      return { before: ids(config.single.slice(0, text)), after: ids(config.single.slice(text)) };
    }
  }
}

/** The id that fills up short texts: of the token that is named, else the file's own, else of [PAD] or <pad>, else 0. */
export function padIdOf(
  { padding, added_tokens, model }: TokenizerFile,
  padToken?: string,
): number | undefined {
  const idOf = (token: string): number | undefined =>
    added_tokens.find(({ content }) => content === token)?.id ??
    new Map(Object.entries(model.vocab)).get(token);
  if (padToken !== undefined) return idOf(padToken);
  return padding?.pad_id ?? idOf('[PAD]') ?? idOf('<pad>') ?? 0;
}
