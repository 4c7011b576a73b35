/** Requests of the grid. */

/** Milliseconds after which a server that is away is tried again. They double, up to the last. */
export const AWAY = { first: 1_000, longest: 15_000 };

/** The server's answer to a request that is of no use to repeat. */
export class Refused extends Error {
  /** @param {number} status @param {string} message @param {any} body */
  constructor(status, message, body) {
    super(message);
    this.status = status;
    this.body = body;
  }
}

/**
 * Throws Refused, or another error if the server is away.
 * @param {string} url @param {RequestInit} [init]
 */
export async function ask(url, init) {
  const answer = await fetch(url, init);
  if (answer.redirected) throw new Refused(401, "You are no longer signed in.", {});
  const body = await answer.json().catch(() => ({}));
  if (answer.ok) return body;
  const said = typeof body.message === "string";
  const message = said ? body.message : `The server answers ${answer.status}.`;
  if (answer.status >= 500 || answer.status === 408) throw new Error(message);
  throw new Refused(answer.status, message, body);
}

/** @param {string} url @param {unknown} body */
export function post(url, body) {
  const headers = { "content-type": "application/json" };
  return ask(url, { method: "POST", headers, body: JSON.stringify(body) });
}
