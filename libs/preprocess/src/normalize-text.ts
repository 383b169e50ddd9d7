/**
 * The view of a text that the model reads: Unicode NFKC, then without invisible characters (default-ignorable code
 * points such as zero-width space and soft hyphen) and bidirectional controls, then lower case.
 * So full-width letters, invisible splits and capitals do not hide a word. The record itself keeps the original text.
 *
 * @see https://www.unicode.org/reports/tr15/ (NFKC) and https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point
 */
export function normalizeText(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}]/gu, '')
    .toLowerCase();
}
