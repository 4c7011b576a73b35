/** Waits for what a test can only look for. */
import type { Session } from "../../src/db/session.ts";

/**
 * Milliseconds after which a test that waits in vain fails. It only ends tests that hang: on a busy
 * machine, anything may take a minute.
 */
export const PATIENCE = 300_000;

/**
 * Looks until there is something to see, and returns it. Each look is made by itself, and the session's
 * server makes the pause between them. `what` is waited for.
 */
export async function untilSeen<Seen>(
  session: Pick<Session, "query">,
  what: string,
  look: () => Seen | Promise<Seen>,
): Promise<NonNullable<Seen>> {
  for (const end = performance.now() + PATIENCE; performance.now() < end;) {
    const seen = await look();
    if (seen) return seen;
    await session.query("select pg_sleep(0.01)");
  }
  throw new Error(`waited in vain for this: ${what}`);
}

/** The same for a condition in SQL; if it is null, it doesn't hold. */
export async function until(
  session: Pick<Session, "query">,
  condition: string,
): Promise<void> {
  await untilSeen(session, condition, async () => {
    const [{ holds }] = await session.query<{ holds: boolean }>(
      `select coalesce((${condition}), false) as holds`,
    );
    return holds;
  });
}
