import type { Running } from "../cli/start_program.ts";
import type { TestDatabase } from "../support/database.ts";

/** Until a transaction waits for an advisory lock, or the program has ended. */
export async function untilHeldUp(
  { admin, config }: TestDatabase,
  { ended }: Running,
): Promise<void> {
  let isOver = false;
  ended.then(() => isOver = true);
  while (!isOver) {
    const [{ waits }] = await admin.query<{ waits: boolean }>(
      `select exists (select from pg_stat_activity
         where datname = $1 and wait_event_type = 'Lock' and wait_event = 'advisory') as waits`,
      [config.database],
    );
    if (waits) return;
  }
}
