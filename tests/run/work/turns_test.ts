import assert from "node:assert/strict";
import { Turns } from "../../../src/run/work/turns.ts";

Deno.test("turns come in the order in which they are asked for, one at a time", async () => {
  const turns = new Turns();
  const said: string[] = [];
  const first = await turns.enter();
  const others = ["a", "b"].map(async (name) => {
    using _turn = await turns.enter();
    said.push(`${name} begins`);
    await Promise.resolve();
    said.push(`${name} ends`);
  });
  said.push("first ends");
  first[Symbol.dispose]();
  await Promise.all(others);
  assert.deepEqual(said, ["first ends", "a begins", "a ends", "b begins", "b ends"]);
});

Deno.test("who waits too long for a turn loses it, and those behind move up", async () => {
  const turns = new Turns();
  const first = await turns.enter();
  const late = turns.enterWithin(1);
  const third = turns.enter();
  assert.equal(await late, null);
  first[Symbol.dispose]();
  (await third)[Symbol.dispose]();
  const free = await turns.enterWithin(10_000);
  assert.notEqual(free, null);
});
