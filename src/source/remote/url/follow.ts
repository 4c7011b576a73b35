/** A request, and those to which it is redirected. */
import { SourceError } from "../../error.ts";
import type { RemoteAccess } from "../remote.ts";
import { type Answer, exchange } from "./exchange.ts";
import { shownUrl } from "./shown_url.ts";

const MAX_REDIRECTS = 10;
const REDIRECTS = [301, 302, 303, 307, 308];

/**
 * The first answer that is no redirect. `secrets` are headers for the first server only: the same
 * scheme, host and port. Each address is checked as the first one was. Throws as `exchange` does.
 */
export async function follow(
  start: URL,
  headers: Readonly<Record<string, string>>,
  secrets: Readonly<Record<string, string>>,
  access: RemoteAccess,
): Promise<Answer> {
  let url = start;
  for (let hops = 0;; hops++) {
    const isSame = url.origin === start.origin;
    const answer = await exchange(url, { ...headers, ...isSame && secrets }, access);
    const location = answer.headers.get("location");
    if (!REDIRECTS.includes(answer.status) || location === undefined) return answer;
    answer.close();
    if (hops === MAX_REDIRECTS) throw refused(start, `it redirects more than ${hops} times`);
    url = target(start, url, location);
  }
}

function target(start: URL, from: URL, location: string): URL {
  if (!URL.canParse(location, from.href)) {
    throw refused(start, "it redirects to an address that can't be read");
  }
  const url = new URL(location, from);
  if (url.protocol === "https:" || url.protocol === from.protocol) return url;
  const why = url.protocol === "http:"
    ? `it redirects to ${shownUrl(url.href)} without https, where others could read and change it`
    : "it redirects to an address that is neither https:// nor http://";
  throw refused(start, why);
}

function refused(start: URL, why: string): SourceError {
  return new SourceError(
    `Cannot fetch ${shownUrl(start.href)}: ${why}. Name the address of the file itself.`,
  );
}
