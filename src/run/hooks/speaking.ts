import type { Session } from "../../db/session.ts";

/** A session that holds a batch would be taken for dead if it stayed silent for longer. */
const SIGN_OF_LIFE = 2_000;

/** Does work that may take long beside the session, and keeps the session alive. */
export async function speaking<T>(session: Session, work: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => {
    // Whoever uses it next is told that it is lost.
    session.query("select").catch(() => {});
  }, SIGN_OF_LIFE);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
