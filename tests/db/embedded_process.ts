/**
 * Uses the embedded server of the folder that it is given, says so, and leaves when its input
 * ends. For tests that need a process to start at the same moment as another, or to kill.
 */
import { acquireEmbedded } from "../../src/db/embedded.ts";
import { Session } from "../../src/db/session.ts";
import { TEST_SETTINGS } from "../support/settings.ts";

const database = await acquireEmbedded(Deno.args[0], TEST_SETTINGS);
const session = await Session.open(database.config);
const [{ pid }] = await session.query<{ pid: number }>(
  "select split_part(pg_read_file('postmaster.pid'), e'\\n', 1)::int as pid",
);
await session.close();
console.log(pid);
for await (const _ of Deno.stdin.readable) {
  // Until it ends.
}
await database.release();
