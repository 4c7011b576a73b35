/** What a server's refusal means for whoever wants the file, in a sentence. */
import { SourceError } from "../../error.ts";
import { Unavailable } from "../network/unavailable.ts";
import type { Answer } from "./exchange.ts";

/** Milliseconds. If the server wants us to wait longer, somebody else has to try again. */
const LONGEST_WAIT = 30_000;

/** Such as 503: the same request may succeed a little later. */
const PASSING = [408, 425, 429, 500, 502, 503, 504];

/** An error for an answer without the file; Unavailable if another attempt may help. */
export function refusalOf(name: string, answer: Pick<Answer, "status" | "headers">): Error {
  const { status, headers } = answer;
  const wait = waitOf(headers.get("retry-after"));
  if (PASSING.includes(status) && (wait ?? 0) <= LONGEST_WAIT) {
    return new Unavailable(reasonOf(status), { wait });
  }
  const later = wait === null ? "" : ` Try again in ${Math.ceil(wait / 1000)} seconds, as it asks.`;
  return new SourceError(`Cannot fetch ${name}: ${reasonOf(status)}.${later}`);
}

function reasonOf(status: number): string {
  switch (status) {
    case 401:
      return "the server wants to know who asks (401). Check the token or password that the " +
        "definition's source sends";
    case 403:
      return "the server doesn't allow it (403). Check that the token is right, hasn't expired, and " +
        "may read this file";
    case 404:
    case 410:
      return `there is no such file (${status}). Check the address`;
    case 407:
      return "a proxy wants a password (407), and ingest doesn't use proxies";
    case 429:
      return "the server has had too many requests (429)";
    default:
      return status >= 500
        ? `the server has failed (${status})`
        : status >= 300 && status < 400
        ? `the server redirects to nowhere (${status}). Check the address`
        : `the server refuses the request (${status}). Check the address`;
  }
}

/** Milliseconds, of a number of seconds or a date. Null if there is none. */
function waitOf(said: string | undefined): number | null {
  if (said === undefined) return null;
  if (/^\d{1,9}$/u.test(said)) return Number(said) * 1000;
  const date = Date.parse(said);
  return Number.isNaN(date) ? null : Math.max(0, date - Date.now());
}
