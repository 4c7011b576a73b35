/** An internal of the pinned version of postgres.js: what the server announced at start-up. */

/**
 * The process id in the key for cancelling that came with the connection; null if none came. A
 * pooler such as PgBouncer announces a number of its own. `query`: one that has its answer.
 */
export function announcedPid(query: unknown): number | null {
  if (typeof query !== "object" || query === null || !("state" in query)) return null;
  const { state } = query;
  if (typeof state !== "object" || state === null || !("pid" in state)) return null;
  return typeof state.pid === "number" ? state.pid : null;
}
