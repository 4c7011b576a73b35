/** What a browser does on the pages, without one. */
import assert from "node:assert/strict";
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

export interface LoadOptions {
  readonly importer?: string;
  readonly filename?: string;
  /** More of the query. */
  readonly query?: Readonly<Record<string, string>>;
  readonly token?: string;
}

/** Uploads a file. Returns the run, which waits for somebody to drive it. */
export async function upload(
  api: Serving,
  csv: string | Uint8Array<ArrayBuffer>,
  { importer = "people", filename = "people.csv", query, token }: LoadOptions = {},
): Promise<number> {
  const asked = new URLSearchParams({ filename, ...query });
  const { status, body } = await api.ask(`/upload/${importer}?${asked}`, {
    ...{ method: "POST", body: csv, token },
    headers: { "content-type": "text/csv" },
  });
  assert.equal(status, 202, JSON.stringify(body));
  return body.data.id;
}

/** The same, and loads it. */
export async function load(
  api: Serving,
  csv: string | Uint8Array<ArrayBuffer>,
  options?: LoadOptions,
): Promise<number> {
  const run = await upload(api, csv, options);
  await api.drive(run);
  return run;
}

/** Looks at a page. */
export function show(
  api: Serving,
  path: string,
  headers: Readonly<Record<string, string>> = {},
) {
  return api.ask(api.origin + path, { headers });
}

/** The paths of a page's own files: of those, too, that its scripts fetch once it is drawn. */
export function assetsOf(body: string): string[] {
  const named = [...body.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/gu)].map(([, file]) => file);
  const folder = named[0].split("/").slice(0, 3).join("/");
  const later = /data-scripts="([^"]+)"/u.exec(body)?.[1].split(" ") ?? [];
  return [...named, ...later.map((name) => `${folder}/${name}`)];
}
