/** What hooks print. */
import assert from "node:assert/strict";
import { hooking } from "./hooking.ts";

const HOOKS = `export default () => ({
  beforeRow(row, { number }) {
    console.log("row", number);
    if (row.n === "bad") throw new Error("no");
  },
})`;

const ROWS = "n\n1\nbad\n3\n";

const OPTIONS = [
  "{batch_rows: 2}",
  "{transaction: atomic}",
  "{transaction: run}",
  "{transaction: run, release: manual}",
];

for (const options of OPTIONS) {
  Deno.test(`what hooks print is among the run's warnings, with ${options}`, async () => {
    await using hooks = await hooking("create table t (n int)");
    await hooks.write(`table: t\noptions: ${options}\n`, HOOKS);
    for (const dryRun of [true, false]) {
      const { warnings } = await hooks.run(ROWS, dryRun);
      for (const row of [1, 2, 3]) {
        assert.ok(warnings.includes(`t.hooks.js printed: row ${row}`), warnings.join("\n"));
      }
    }
  });
}

Deno.test("of much that hooks print, the first ten lines are told, and that there were more", async () => {
  await using hooks = await hooking("create table t (n int)");
  await hooks.write("table: t\noptions: {batch_rows: 4}\n", HOOKS);
  const run = await hooks.create(`n\n${"1\n".repeat(30)}`);
  const { warnings } = await hooks.drive(run, 1);
  const printed = warnings.filter((each) => each.includes("printed"));
  assert.equal(printed.length, 11, warnings.join("\n"));
  assert.ok(printed.includes("t.hooks.js printed more, which is not shown."));
});
