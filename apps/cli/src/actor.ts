import { userInfo } from 'node:os';

/** Who acts, for the history of a model: `ASSAY_ACTOR`, else the user's name, else his number. */
export function actor(): string {
  const named = process.env['ASSAY_ACTOR'];
  if (named !== undefined && named !== '') return named;
  try {
    return userInfo().username;
  } catch {
    return `uid:${process.getuid?.() ?? 'unknown'}`; // a container's user need not have a name
  }
}
