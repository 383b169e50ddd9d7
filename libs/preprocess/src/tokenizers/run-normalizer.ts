import { COMBINING, FORMATS, MARKS, NORMALISED } from './older-unicode.js';
import type { BertNormalizerConfig, NormalizerConfig } from './tokenizer-file.js';
import { ReplaceNormalizer } from './tokenizers-library.js';

/**
 * Runs the normaliser of a `tokenizer.json` as the `tokenizers` of Python do. The npm package is used for regular
 * expressions only: it lower-cases by words (a sigma at the end of one becomes ς), puts no space around rare Chinese
 * characters, and takes a byte order mark for a space.
 *
 * @see https://github.com/huggingface/tokenizers/tree/v0.22.1/tokenizers/src/normalizers
 */
export function runNormalizer(config: NormalizerConfig, text: string): string {
  switch (config.type) {
    case 'Sequence':
      return config.normalizers.reduce((so, step) => runNormalizer(step, so), text);
    case 'BertNormalizer':
      return runBertNormalizer(config, text);
    case 'Lowercase':
      return lowerCase(text);
    case 'StripAccents':
      return text.replace(ALL_MARKS, '');
    case 'Strip':
      return stripped(text, config);
    case 'Replace':
      if ('String' in config.pattern) return text.replaceAll(config.pattern.String, () => config.content);
      return new ReplaceNormalizer(config).normalize(text);
    case 'Prepend':
      return text === '' ? '' : config.prepend + text;
    case 'NFC':
    case 'NFD':
    case 'NFKC':
    case 'NFKD':
      return normalForm(text, config.type);
  }
}

function runBertNormalizer(config: BertNormalizerConfig, text: string): string {
  let out = text;
  if (config.clean_text) out = out.replace(CONTROL, '').replace(/\p{White_Space}/gu, ' ');
  if (config.handle_chinese_chars) out = out.replace(CHINESE, ' $& ');
  if (config.strip_accents ?? config.lowercase) out = normalForm(out, 'NFD').replace(ACCENTS, '');
  return config.lowercase ? lowerCase(out) : out;
}

const CONTROL = new RegExp(`[\\0\\ufffd\\p{Co}]|(?![\\t\\n\\r])\\p{Cc}|${FORMATS}`, 'gu');
const ACCENTS = new RegExp(MARKS, 'gu');
const ALL_MARKS = new RegExp(COMBINING, 'gu');
const RUNS = new RegExp(NORMALISED, 'gu');
const OTHER_THAN_ASCII = /[\u0080-\uffff]/;
/** CJK Unified Ideographs and compatibility ideographs, as BERT has them. */
const CHINESE =
  /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/gu;

const normalForm = (text: string, form: 'NFC' | 'NFD' | 'NFKC' | 'NFKD'): string =>
  OTHER_THAN_ASCII.test(text) ? text.replace(RUNS, (run) => run.normalize(form)) : text;

/** Character by character, so without the rule for a sigma at the end of a word. */
const lowerCase = (text: string): string => text.replaceAll('Σ', 'σ').toLowerCase();

function stripped(
  text: string,
  { strip_left, strip_right }: { strip_left: boolean; strip_right: boolean },
): string {
  const left = strip_left ? text.replace(/^\p{White_Space}+/u, '') : text;
  return strip_right ? left.replace(/(?<!\p{White_Space})\p{White_Space}+$/u, '') : left;
}
