/** What a browser does on the pages, without one. */
import type { TokenScope } from "../../../src/ledger/tokens.ts";
import type { Serving, TokenOptions } from "../serving.ts";

export interface Session {
  /** For the header of that name. */
  readonly cookie: string;
  readonly token: string;
}

/** Signs in with a new token. */
export async function signedIn(
  api: Serving,
  scope: TokenScope,
  options: TokenOptions = {},
): Promise<Session> {
  const token = await api.token(scope, options);
  const answer = await api.ask(`${api.origin}/sign-in`, {
    method: "POST",
    redirect: "manual",
    headers: { "content-type": "application/x-www-form-urlencoded", origin: api.origin },
    body: new URLSearchParams({ token }).toString(),
  });
  const cookie = answer.headers.get("set-cookie")?.split(";")[0];
  if (answer.status !== 303 || cookie === undefined) {
    throw new Error(`cannot sign in: ${answer.status}`);
  }
  return { cookie, token };
}

/** Presses a button of a page. */
export function press(
  api: Serving,
  path: string,
  fields: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = {},
) {
  return api.ask(api.origin + path, {
    method: "POST",
    redirect: "manual",
    headers: {
      ...{ "content-type": "application/x-www-form-urlencoded", origin: api.origin },
      ...headers,
    },
    body: new URLSearchParams(fields).toString(),
  });
}
