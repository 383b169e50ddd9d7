/**
 * The view of a text that the model reads: without invisible characters (default-ignorable code points such as
 * zero-width space and soft hyphen) and bidirectional controls, in Unicode NFKC, in lower case.
 * Invisible characters go before NFKC, since they keep letters and accents apart, and after it, since it makes some.
 * So full-width letters, invisible splits and capitals do not hide a word. The record itself keeps the original text.
 *
 * @see https://www.unicode.org/reports/tr15/ (NFKC) and https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point
 */
export function normalizeText(text: string): string {
  return withoutInvisible(withoutInvisible(text).normalize('NFKC')).toLowerCase().normalize('NFC');
}

const withoutInvisible = (text: string): string =>
  text.replace(/[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}]/gu, '');
