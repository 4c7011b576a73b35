import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import net from "node:net";
import { Session } from "../../src/db/session.ts";
import { testDatabase } from "../support/database.ts";

Deno.test("a statement and its parameters go to the server together", async () => {
  await using db = await testDatabase();
  const { host, port } = db.config;
  const sent: Buffer[] = [];
  const relay = net.createServer((client) => {
    const server = net.connect(
      host.startsWith("/") ? { path: `${host}/.s.PGSQL.${port}` } : { host, port },
    );
    client.on("data", (chunk) => sent.push(chunk)).pipe(server);
    server.pipe(client);
  });
  await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
  const address = relay.address();
  assert(typeof address === "object" && address !== null);
  const session = await Session.open({ ...db.config, host: "127.0.0.1", port: address.port });
  sent.length = 0;
  assert.deepEqual(await session.query("select $1::int + 1 as sum", [41]), [{ sum: 42 }]);
  const messages = typesOf(Buffer.concat(sent));
  await session.close();
  await new Promise((resolve) => relay.close(resolve));
  // Parse, Describe, Bind, Execute, and one Sync, for which the server answers. No Flush.
  assert.equal(messages.replaceAll("C", ""), "PDBES");
});

/** The letters of the messages, such as `P` for Parse. */
function typesOf(bytes: Buffer): string {
  let types = "";
  for (let at = 0; at < bytes.length; at += 1 + bytes.readInt32BE(at + 1)) {
    types += String.fromCharCode(bytes[at]);
  }
  return types;
}
