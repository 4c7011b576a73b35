/** Ends the streams of tokens that were revoked or have expired. */
import type { Ledger } from "../../ledger/ledger.ts";
import { hasTokens, stillValid } from "../../ledger/tokens.ts";
import type { Principal } from "../identity/principal.ts";
import type { EventStream } from "./event_stream.ts";
import type { EndEvent } from "./schemas.ts";
import { sseEvent } from "./sse.ts";

/** Milliseconds between checks. */
const INTERVAL = 2_000;

export class Access {
  readonly #principals = new Map<EventStream, Principal>();
  #checkedAt = -Infinity;

  add(stream: EventStream, principal: Principal): void {
    this.#principals.set(stream, principal);
  }

  remove(stream: EventStream): void {
    this.#principals.delete(stream);
  }

  /** Asks once for all streams, whatever their number. */
  async check(ledger: Ledger, now: number): Promise<void> {
    if (now - this.#checkedAt < INTERVAL) return;
    this.#checkedAt = now;
    const tokens = new Set([...this.#principals.values()].map(({ token }) => token));
    const named = [...tokens].filter((token) => token !== null);
    const valid = named.length === 0 ? new Set<number>() : await stillValid(ledger, named);
    // While there were no tokens, anybody on this machine could watch.
    const isClosed = tokens.has(null) && await hasTokens(ledger);
    for (const [stream, { token }] of this.#principals) {
      if (!tokens.has(token)) continue;
      if (token === null ? isClosed : !valid.has(token)) refuse(stream, token);
    }
  }
}

function refuse(stream: EventStream, token: number | null): void {
  const end: EndEvent = {
    reason: "unauthorized",
    message: token === null
      ? "Requests need a token from now on."
      : "The token is not valid any more.",
  };
  stream.send(sseEvent("end", null, end));
  stream.finish("unauthorized");
}
