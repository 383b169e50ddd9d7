import { refuse } from './mlflow-error.js';

export type Authentication = { username: string; password: string } | { token: string };

/**
 * Takes the address of a server apart, so that user and password in it are sent as a header and never printed.
 *
 * @throws {MlflowError} `invalid-argument` when it is no http or https address, or has a '%' that encodes nothing
 */
export function parseBaseUrl(text: string): { baseUrl: string; authentication: Authentication | undefined } {
  const url = /^https?:\/\//.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) {
    const shown = text.replace(/\/\/.*@/, '//');
    return refuse(`'${shown}' is no http or https address of an MLflow server.`);
  }
  const { origin, pathname, username, password } = url;
  const baseUrl = `${origin}${pathname}`.replace(/\/+$/, '');
  if (username === '' && password === '') return { baseUrl, authentication: undefined };
  return {
    baseUrl,
    authentication: { username: decoded(username, baseUrl), password: decoded(password, baseUrl) },
  };
}

/** @param baseUrl the address without what is secret, for the error */
function decoded(part: string, baseUrl: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return refuse(
      `The user or password in the address of ${baseUrl} has a '%' that encodes no character. Percent-encode both: write '%' as '%25', '@' as '%40', ':' as '%3A', '/' as '%2F'.`,
    );
  }
}

/** Headers of every request; values are checked here, because `fetch` would print a wrong one. */
export function checkedHeaders(
  headers: Record<string, string>,
  authentication: Authentication | undefined,
): Record<string, string> {
  const all = { ...headers, ...authorization(authentication) };
  for (const [name, value] of Object.entries(all)) {
    if (!/^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(value)) {
      refuse(
        `The value of the header '${name}' has a character that a header cannot hold, such as a line break. Look at the end of the token.`,
      );
    }
  }
  return all;
}

function authorization(authentication: Authentication | undefined): Record<string, string> {
  if (authentication === undefined) return {};
  if ('token' in authentication) return { authorization: `Bearer ${authentication.token}` };
  const { username, password } = authentication;
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}
