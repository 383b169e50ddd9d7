/**
 * The characters that stand for bytes in byte-level BPE, by byte: those of visible Latin-1 bytes themselves, and the
 * characters from U+0100 on for the others.
 *
 * @see https://github.com/openai/gpt-2/blob/master/src/encoder.py, bytes_to_unicode
 */
export const BYTE_CHARACTERS: readonly string[] = byteCharacters();

function byteCharacters(): string[] {
  let others = 0;
  return Array.from({ length: 256 }, (_, byte) => {
    const isVisible = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
    return String.fromCharCode(isVisible ? byte : 0x100 + others++);
  });
}

const SPACE = BYTE_CHARACTERS[0x20] ?? '';

/** The UTF-8 bytes of a text, a character for each. */
export function toByteCharacters(text: string): string {
  if (VISIBLE_ASCII.test(text)) return text.startsWith(' ') ? SPACE + text.slice(1) : text;
  let characters = '';
  for (const byte of Buffer.from(text)) characters += BYTE_CHARACTERS[byte] ?? '';
  return characters;
}

/** Most words, with the space before them. */
const VISIBLE_ASCII = /^ ?[!-~]*$/;
