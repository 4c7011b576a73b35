import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { formatLogLine } from "../../src/observe/log_entry.ts";
import { LogWriter } from "../../src/cli/log_writer.ts";
import { brokenStream, memoryStream } from "./memory_output.ts";

const entry = (message: string) => ({ level: "info", message }) as const;
const messages = (text: string) =>
  text.trim().split("\n").map((line) => JSON.parse(line).message as string);

/** A stream whose reader stands still until `read`. */
function stuckStream() {
  const stream = memoryStream();
  const { promise: reading, resolve: read } = Promise.withResolvers<void>();
  return {
    read,
    stream: {
      ...stream,
      get text() {
        return stream.text;
      },
      writeLater: async (text: string) => {
        await reading;
        stream.write(text);
      },
    },
  };
}

Deno.test("a log that nobody reads holds up nobody, and what is lost is counted", async () => {
  const { stream, read } = stuckStream();
  const writer = new LogWriter(stream, formatLogLine, 1_000);
  for (let i = 0; i < 100; i++) writer.add(entry(`line ${i}`));
  await writer.flush(1);
  assert.equal(stream.text, "");
  read();
  await writer.flush(1_000);
  const told = messages(stream.text);
  const kept = told.length - 1;
  assert.ok(kept > 5 && kept < 100);
  // The warning comes where the lines are missing.
  assert.deepEqual(told.slice(0, kept), Array.from({ length: kept }, (_, i) => `line ${i}`));
  assert.equal(
    told.at(-1),
    `${100 - kept} lines of the log are lost: nobody read it, or its disk stood still.`,
  );
  writer.add(entry("again"));
  await writer.flush(1_000);
  assert.equal(messages(stream.text).at(-1), "again");
});

Deno.test("a log that is read slowly is written to its end, however long that takes", async () => {
  const memory = memoryStream();
  const reading = 10;
  const taken = 16_000;
  const stream = {
    ...memory,
    async writeLater(text: string) {
      for (let at = 0; at < text.length; at += taken) await setTimeout(reading);
      memory.write(text);
    },
  };
  const writer = new LogWriter(stream, formatLogLine);
  for (let i = 0; i < 400; i++) writer.add(entry(`${i} ${"x".repeat(1_000)}`));
  // A fraction of what all of it takes. Timers that are due together come in the order of their times.
  await writer.flush(10 * reading);
  assert.equal(messages(memory.text).length, 400);
});

Deno.test("a log that can't be written stops nothing", async () => {
  const writer = new LogWriter(brokenStream(), formatLogLine);
  writer.add(entry("one"));
  writer.add(entry("two"));
  await writer.flush(1_000);
});
