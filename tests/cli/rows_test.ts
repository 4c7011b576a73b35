import assert from "node:assert/strict";
import { runCommandLine } from "../../src/cli/main.ts";
import { renderRows } from "../../src/cli/render/rows.ts";
import { PLAIN } from "../../src/cli/render/style.ts";
import type { LoggedRow } from "../../src/ledger/rows.ts";
import { testDatabase } from "../support/database.ts";
import { customers, CUSTOMERS_TABLE, temporaryFolder } from "./customers.ts";
import { memoryOutput } from "./memory_output.ts";

const failed: LoggedRow = {
  row_number: 7,
  line: 8,
  status: "failed",
  data: { name: "A name that is rather long", id: "x" },
  // As jsonb gives it back: the keys in its own order, not in the columns'.
  errors: {
    message: "The given data was invalid.",
    validation: { id: ["The id field is wrong."], name: ["The name field is too long."] },
    details: [{ column: "name" }, { column: "id" }],
  },
};

Deno.test("rows are a table where they fit, with the columns in the file's order", () => {
  for (const width of [null, 150]) {
    assert.deepEqual(renderRows([failed], ["name", "id"], width, PLAIN), [
      "row  line  status  what                                                data",
      "  7     8  failed  The name field is too long. The id field is wrong.  " +
      "name: A name that is rather long, id: x",
    ]);
  }
});

Deno.test("where they don't fit, the reason is never cut, only the data", () => {
  assert.deepEqual(renderRows([failed], ["name", "id"], 30, PLAIN), [
    "row 7, line 8: failed. The name field is too long. The id field is wrong.",
    "  name: A name that is rather…",
  ]);
});

Deno.test("where there is no row to show, it is said why", async () => {
  await using db = await testDatabase();
  await using dir = await temporaryFolder();
  await db.session.execute(CUSTOMERS_TABLE);
  await Deno.writeTextFile(`${dir.path}/good.csv`, customers(2));
  const say = async (...args: string[]) => {
    const { output, stderr } = memoryOutput();
    const code = await runCommandLine([...args, "--database-url", db.url], output);
    assert.equal(code, 0, stderr.text);
    return stderr.text;
  };
  await say("run", "--table", "customers", "--file", `${dir.path}/good.csv`, "--quiet");
  assert.match(await say("rows", "1"), /^No row of run 1 has failed, and it logs no others \(opt/);
  assert.match(await say("rows", "1", "--status", "created"), /^Run 1 logs only rows that failed/);
  assert.match(await say("rows", "1", "--status", "failed"), /^There is no such row\./);
});
