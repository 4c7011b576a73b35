/** Clients that hang up in the middle of what they send: their failure, not the server's. */
import assert from "node:assert/strict";
import { connectRaw } from "./raw_connection.ts";
import { serving } from "./serving.ts";

for (
  const [what, path, type] of [
    ["a body of JSON", "/api/v1/ingest/1/cancel", "application/json"],
    ["the form of a button", "/runs/1/cancel", "application/x-www-form-urlencoded"],
    ["the token at sign-in", "/sign-in", "application/x-www-form-urlencoded"],
  ] as const
) {
  Deno.test(`a client that breaks off ${what} gets 400, and nothing is logged as an error`, async () => {
    await using api = await serving();
    using connection = await connectRaw(api.port);
    const host = `127.0.0.1:${api.port}`;
    await connection.send([
      `POST ${path} HTTP/1.1`,
      `Host: ${host}`,
      `Origin: http://${host}`,
      `Content-Type: ${type}`,
      "Content-Length: 100",
      "",
      "no",
    ].join("\r\n"));
    await connection.end();
    const { status, body } = await connection.answer();
    assert.equal(status, 400, body);
    assert.match(JSON.stringify(body), /is incomplete/u);
    assert.deepEqual(api.log.filter(({ level }) => level === "error"), []);
  });
}
