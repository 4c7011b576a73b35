/** The bodies of small forms, as proxies and others may send them. */
import assert from "node:assert/strict";
import { chunk, CHUNKED, connectRaw } from "../raw_connection.ts";
import { serving } from "../serving.ts";

const FORM = "Content-Type: application/x-www-form-urlencoded";

async function send(headers: readonly string[], body = "") {
  await using api = await serving({
    tables: "create table items (id int)",
    importers: { items: "table: items\n" },
  });
  await api.ask("/upload/items", {
    ...{ method: "POST", headers: { "content-type": "text/csv" }, body: "id\n1\n" },
  });
  using connection = await connectRaw(api.port);
  const host = `127.0.0.1:${api.port}`;
  const lines = ["POST /runs/1/cancel HTTP/1.1", `Host: ${host}`, `Origin: http://${host}`];
  await connection.send([...lines, ...headers, "", body].join("\r\n"));
  const answer = await connection.answer();
  const { status } = (await api.ask("/1")).body.data;
  return { answer, status };
}

Deno.test("a form that doesn't say how long it is does what it says", async () => {
  for (const body of [chunk("now=true") + chunk(), chunk()]) {
    const { answer, status } = await send([FORM, CHUNKED], body);
    assert.equal(answer.headers.get("location"), "/runs/1");
    assert.equal(status, "cancelled");
  }
  const { status } = await send([]);
  assert.equal(status, "cancelled");
});

Deno.test("a form that is too long is refused, whether it says so or not", async () => {
  const long = "x".repeat(10_001);
  for (
    const [headers, body] of [
      [[FORM, `Content-Length: ${long.length}`], long],
      // Not all of it is sent: nobody waits for it.
      [[FORM, "Content-Length: 1000000"], ""],
      [[FORM, CHUNKED], chunk(long)],
    ] as const
  ) {
    const { answer, status } = await send(headers, body);
    assert.equal(answer.status, 413);
    assert.match(answer.body, /The form is too long/u);
    assert.equal(status, "pending");
  }
});
