import assert from "node:assert/strict";
import { CannotListen, keepListening } from "../../src/http/listening.ts";

function fail(error: unknown): never {
  throw error;
}

Deno.test("a server that is shut down ends, and its port is free", async () => {
  const answer = () => new Response("here");
  const first = keepListening("127.0.0.1", 0, answer, fail);
  const { port } = first.addr;
  assert.equal(await (await fetch(`http://127.0.0.1:${port}`)).text(), "here");
  assert.throws(() => keepListening("127.0.0.1", port, answer, fail), CannotListen);
  await first.shutdown();
  const second = keepListening("127.0.0.1", port, answer, fail);
  await second.shutdown();
});
