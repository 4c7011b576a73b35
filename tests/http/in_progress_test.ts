import assert from "node:assert/strict";
import { InProgress } from "../../src/http/in_progress.ts";
import { keepListening } from "../../src/http/listening.ts";

function fail(error: unknown): never {
  throw error;
}

Deno.test("a server waits for answers in progress, and not for an event stream that nobody reads", async () => {
  const inProgress = new InProgress();
  const release = Promise.withResolvers<void>();
  const begun = {
    "/slow": Promise.withResolvers<void>(),
    "/events": Promise.withResolvers<void>(),
  };
  const piece = new Uint8Array(64 * 1024);
  const server = keepListening("127.0.0.1", 0, (request, info) => {
    const answer = async () => {
      const { pathname } = new URL(request.url);
      if (pathname === "/slow") {
        begun["/slow"].resolve();
        await release.promise;
        return new Response("done");
      }
      if (pathname === "/quick") return new Response("done");
      // More than the operating system keeps for a client that doesn't read.
      const body = new ReadableStream({ pull: (controller) => controller.enqueue(piece) });
      begun["/events"].resolve();
      return new Response(body, { headers: { "content-type": "text/event-stream" } });
    };
    return inProgress.follow(answer(), info);
  }, fail);
  const { port } = server.addr;
  const silent = await Deno.connect({ hostname: "127.0.0.1", port });
  await silent.write(new TextEncoder().encode("GET /events HTTP/1.1\r\nHost: x\r\n\r\n"));
  await begun["/events"].promise;
  await inProgress.none();
  const slow = fetch(`http://127.0.0.1:${port}/slow`);
  await begun["/slow"].promise;
  const order: string[] = [];
  const none = inProgress.none().then(() => order.push("none"));
  const answered = slow.then(async (answer) => order.push(await answer.text()));
  // Another answer comes and goes meanwhile.
  await (await fetch(`http://127.0.0.1:${port}/quick`)).text();
  assert.deepEqual(order, []);
  release.resolve();
  await Promise.all([none, answered]);
  silent.close();
  await server.shutdown();
});
