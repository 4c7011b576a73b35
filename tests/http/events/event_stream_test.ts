/** The stream of one client, however it reads. */
import assert from "node:assert/strict";
import { EventStream } from "../../../src/http/events/event_stream.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (all: readonly Uint8Array[]) =>
  all.map((part) => new TextDecoder().decode(part)).join("");

async function readAll(reader: ReadableStreamDefaultReader<Uint8Array>) {
  const parts: Uint8Array[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return parts;
    parts.push(value);
  }
}

Deno.test("a client that reads gets everything in order, and then the end", async () => {
  const stream = new EventStream();
  const read = readAll(stream.body.getReader());
  stream.send(bytes("a"));
  stream.put([bytes("b"), bytes("c")], bytes("d"));
  stream.send(bytes("e"));
  stream.finish("finished");
  assert.equal(await stream.ended, "finished");
  assert.match(text(await read), /^retry: \d+\n\nabcde$|^retry: \d+\n\nabce$/);
});

Deno.test("for a client that doesn't read, what is of the moment is left out", async () => {
  const stream = new EventStream();
  stream.send(bytes("first "));
  for (let i = 0; i < 100_000; i++) assert.equal(stream.put([], bytes("progress ")), false);
  stream.send(bytes("last"));
  stream.finish("finished");
  assert.match(text(await readAll(stream.body.getReader())), /^retry: \d+\n\nfirst last$/);
});

Deno.test("a client that lets too much wait is cut off, and nothing of it is kept", async () => {
  const stream = new EventStream();
  const status = bytes("x".repeat(10_000));
  let sent = 0;
  const ended = stream.ended.then((end) => [end, sent]);
  while (sent < 1_000) {
    stream.send(status);
    sent++;
  }
  assert.equal((await ended)[0], "slow");
  assert.deepEqual(await readAll(stream.body.getReader()), []);
});

Deno.test("a client that reads nothing for half a minute is cut off, one that reads is not", async () => {
  const began = performance.now();
  const slow = new EventStream(began);
  const good = new EventStream(began);
  const reader = good.body.getReader();
  await reader.read();
  let read = reader.read();
  // Not even the greeting was taken.
  slow.send(bytes("status"), began);
  await Promise.resolve();
  const heard: Uint8Array[] = [];
  for (let second = 1; second <= 40; second++) {
    slow.tend(began + second * 1_000);
    const before = good.sent;
    good.tend(began + second * 1_000);
    if (good.sent === before) continue;
    heard.push((await read).value!);
    read = reader.read();
  }
  assert.equal(await slow.ended, "slow");
  good.finish("finished");
  // After 15 seconds of silence, and after 30.
  assert.match(text(heard), /^: [^]*^: /mu);
  assert.equal((await read).done, true);
});

Deno.test("nothing more is sent to a client that has hung up", async () => {
  const stream = new EventStream();
  const reader = stream.body.getReader();
  await reader.read();
  await reader.cancel();
  assert.equal(await stream.ended, "gone");
  const { sent } = stream;
  stream.send(bytes("status"));
  stream.finish("finished");
  stream.close("closing");
  assert.equal(stream.sent, sent);
});
