/** Runs of U+0020 become one, those at both ends none. */
export const collapseSpaces = (text: string): string =>
  SPARE_SPACES.test(text) ? text.replace(SPACES, ' ').replace(END_SPACES, '') : text;

const SPARE_SPACES = / {2}|^ | $/;
const SPACES = / {2,}/g;
const END_SPACES = /^ | $/g;
