/** A page's frame is sent before the rest of it is there. */
import assert from "node:assert/strict";
import { Hono } from "hono";
import { BODY, sendFrameFirst } from "../../../src/http/pages/frame_first.tsx";
import type { RequestEnv } from "../../../src/http/server_context.ts";
import { serving } from "../serving.ts";
import { show } from "./browsing.ts";

const FRAME = `<main>${BODY}</main>`;

Deno.test("the frame is read while the body isn't there, and a body that fails is replaced", async () => {
  for (const fails of [false, true]) {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const app = new Hono<RequestEnv>();
    const ends: string[] = [];
    app.get("/", (c) => {
      const answer = sendFrameFirst(c, {
        frame: FRAME,
        body: () => promise,
        failed: (error) => `failed: ${error instanceof Error ? error.message : error}`,
      });
      void c.get("stream")?.ended.then((end) => ends.push(end));
      return answer;
    });
    const answer = await app.request("/");
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
    assert.equal((await reader.read()).value, "<main>");
    if (fails) reject(new Error("<away>"));
    else resolve("here");
    assert.equal((await reader.read()).value?.trim(), fails ? "failed: &lt;away&gt;" : "here");
    assert.equal((await reader.read()).value, "</main>");
    assert.equal((await reader.read()).done, true);
    assert.deepEqual(ends, ["finished"]);
  }
});

Deno.test("a reader who leaves after the frame ends the answer", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const app = new Hono<RequestEnv>();
  let ended: Promise<string> | undefined;
  app.get("/", (c) => {
    const answer = sendFrameFirst(c, {
      ...{ frame: FRAME, body: () => promise, failed: () => "failed" },
    });
    ended = c.get("stream")?.ended;
    return answer;
  });
  const reader = (await app.request("/")).body!.getReader();
  await reader.read();
  await reader.cancel();
  assert.equal(await ended, "gone");
  resolve("too late");
});

Deno.test("a ledger that breaks under a page is told in the page, and in the log", async () => {
  await using api = await serving({ tables: "create table people (id int primary key)" });
  await api.database.session.execute(
    "alter view ingest.run_progress rename to elsewhere",
  );
  const { status, body } = await show(api, "/");
  assert.equal(status, 200);
  assert.match(body, /<nav aria-label="Main">.*<h1>Something went wrong<\/h1>.*<\/html>/su);
  const logged = api.log.find((entry) => "path" in entry && entry.path === "/");
  assert.match(JSON.stringify(logged), /"level":"error".*run_progress/u);
});
