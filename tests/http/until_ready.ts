/** Waits for `/readyz` of a server whose database is there. */
import assert from "node:assert/strict";
import { PATIENCE } from "../support/until.ts";

/**
 * On a busy machine, the database may take longer to answer than `/readyz` waits. No other reason
 * counts.
 */
export async function untilReady(
  ask: () => Promise<{ readonly status: number; readonly code?: string }>,
): Promise<void> {
  for (const end = performance.now() + PATIENCE;;) {
    const { status, code } = await ask();
    if (status === 200) return;
    assert.deepEqual({ status, code }, { status: 503, code: "database_unreachable" });
    assert.ok(performance.now() < end, "the server doesn't become ready");
  }
}
