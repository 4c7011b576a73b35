import assert from "node:assert/strict";
import { readAnswer } from "../../../src/source/file/answer.ts";
import { SourceError } from "../../../src/source/error.ts";

Deno.test("a disk that doesn't answer ends the wait, with a line that names the file", async () => {
  const frozen = Promise.withResolvers<number>();
  await assert.rejects(readAnswer("/mnt/a.csv", frozen.promise, 1000 / 60), (error) => {
    assert.ok(error instanceof SourceError);
    assert.match(
      error.message,
      /^Cannot read \/mnt\/a\.csv: its disk has not answered for \d+ seconds\./u,
    );
    return true;
  });
  // What comes too late disturbs nobody.
  frozen.resolve(1);
});

Deno.test("a disk that answers leaves no timer behind, whatever it says", async () => {
  assert.equal(await readAnswer("a.csv", Promise.resolve(7)), 7);
  await assert.rejects(
    readAnswer("a.csv", Promise.reject(new Error("broken"))),
    /^Error: broken$/u,
  );
});

Deno.test("a disk whose answer came while this process stood still has answered", async () => {
  const read = new Promise<number>((resolve) => setTimeout(resolve, 20, 7));
  const answered = readAnswer("a.csv", read, 10);
  for (const end = performance.now() + 1_100; performance.now() < end;);
  assert.equal(await answered, 7);
});
