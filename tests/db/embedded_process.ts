/**
 * Uses the embedded server of the given folder, prints its process id, and leaves when its input
 * ends. For tests that kill a process, or start several at the same moment.
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
  // Wait for the end of the input.
}
await database.release();
